import Handlebars from 'handlebars';
import { toLocale } from '../../core/i18n/index.ts';
import { parseAddressRegion } from '../customers/address-region.ts';
import { namedParts } from '../customers/countries.ts';
import { isNameless, type Customer } from '../customers/customer.ts';

/** Fields a script may name in double braces; also `custom.<any field of the firm's own>`. */
export const mergeFields = [
  'name',
  'salutation',
  'company',
  'phone',
  'email',
  'address',
  'region',
  'language',
  'external_id',
  'agent',
  'campaign',
] as const;
export type MergeField = (typeof mergeFields)[number];

/** What is wrong with a script. Words in `crm:scriptProblems.<code>`. */
export interface ScriptProblem {
  /** `unknown-field`: `text` is its name. `not-a-field`: something else than a field in braces. `syntax`: braces that do not match. */
  readonly code: 'unknown-field' | 'not-a-field' | 'syntax';
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const plainSegment = /^[^\s!"#%-,./;->@[-^`{-~]+$/;
/** What Handlebars reads as a number or a word of its own. */
const literal = /^(-?\d+(\.\d+)?|true|false|null|undefined|this)$/;

/** How a script names a field of the firm's own: `{{custom.plan}}`; null when it cannot. */
export function customField(name: string): string | null {
  if (name === '' || name.includes(']')) return null;
  return plainSegment.test(name) && !literal.test(name) ? `{{custom.${name}}}` : `{{custom.[${name}]}}`;
}

/** The fields a script names: `name`, `custom.plan`. Empty for one that does not pass `checkScript`. */
export function fieldsOf(text: string): string[] {
  if (checkScript(text).length > 0) return [];
  const fields = Handlebars.parse(text).body.map(fieldOf);
  return [...new Set(fields.filter((field): field is string => typeof field === 'string'))];
}

/** What the words of a problem name: what may have been meant by a field that is not known. */
export function scriptProblemParams({ text, line }: ScriptProblem): Record<string, unknown> {
  return { text, line, meant: meantBy(text) };
}

/** `customer.name`, `Name` and `customer_name` mean `name`; anything else may be a field of the firm's own. */
function meantBy(text: string): string {
  const plain = text.toLowerCase();
  const field = [plain, plain.split('.').at(-1)!, plain.split(/[._-]/).at(-1)!].find(isField);
  return field ? `{{${field}}}` : (customField(text) ?? '{{custom.plan}}');
}

type Program = ReturnType<typeof Handlebars.parse>;
type Statement = Program['body'][number];
type Expression = { type: string; original?: unknown; data?: boolean; depth?: number; parts?: string[] };

/** Scripts hold text and fields and nothing else: no helpers, blocks, partials or raw output. */
export function checkScript(text: string): ScriptProblem[] {
  let program: Program;
  try {
    program = Handlebars.parse(text);
  } catch (error) {
    const line = Number(/on line (\d+)/.exec(String(error))?.[1] ?? 1);
    return [{ code: 'syntax', text: '', line }];
  }
  const problems: ScriptProblem[] = [];
  for (const statement of program.body) {
    const line = statement.loc.start.line;
    const field = fieldOf(statement);
    if (field === null) continue;
    if (field === undefined) problems.push({ code: 'not-a-field', text: sourceOf(text, statement), line });
    else if (!isField(field)) problems.push({ code: 'unknown-field', text: field, line });
  }
  return problems;
}

/**
 * The script with the fields filled in, as plain text. An empty field leaves nothing; a script that does not pass
 * `checkScript` comes back as it was written.
 */
export function mergeScript(text: string, values: Readonly<Record<string, string>>): string {
  if (checkScript(text).length > 0) return text;
  let said = '';
  /** The field printed last, and what has been printed since. */
  let last: { field: string; since: string } | null = null;
  for (const statement of Handlebars.parse(text).body) {
    const field = fieldOf(statement);
    if (field === null) {
      const plain = statement.type === 'ContentStatement' ? contentOf(statement) : '';
      said += plain;
      if (last) last.since += plain;
      continue;
    }
    const value = values[field!] ?? '';
    if (last && isSaidAlready(field!, last, values)) said = said.slice(0, said.length - last.since.length);
    else said += value;
    last = { field: field!, since: '' };
  }
  return said;
}

/** Who has no words of their own to be addressed by is addressed by the name: beside it, that would be said twice. */
function isSaidAlready(
  field: string,
  last: { field: string; since: string },
  values: Readonly<Record<string, string>>,
): boolean {
  const isBoth = [field, last.field].sort().join() === 'name,salutation';
  return isBoth && last.since.trim() === '' && values[field] === values[last.field];
}

/** As one speaks of it: the part of the country, without its postal code, in the customer's language. */
function spokenRegion({ addressRegion, language }: Customer): string {
  const address = parseAddressRegion(addressRegion);
  if (!address) return addressRegion ?? '';
  const { country, subdivision } = address;
  const place = namedParts(subdivision ? `${country}-${subdivision}` : country, toLocale(language) ?? 'en');
  return place.rest || place.country;
}

/** What the fields of a script stand for. */
export function mergeValues(
  customer: Customer,
  rest: { agent?: string; campaign?: string; phone?: string },
): Record<string, string> {
  // Nobody is to be greeted by a number.
  const name = isNameless(customer) ? '' : customer.name;
  const values: Record<MergeField, string> = {
    name,
    salutation: customer.salutation ?? name,
    company: customer.company ?? '',
    phone: rest.phone ?? customer.phones[0]?.e164 ?? '',
    email: customer.email ?? '',
    address: customer.address ?? '',
    region: spokenRegion(customer),
    language: customer.language ?? '',
    external_id: customer.externalId ?? '',
    agent: rest.agent ?? '',
    campaign: rest.campaign ?? '',
  };
  const custom = Object.entries(customer.custom).map(([key, value]) => [`custom.${key}`, value] as const);
  return { ...Object.fromEntries(custom), ...values };
}

/**
 * The script of a campaign for a customer: in the customer's language, else in one of the same family (zh-TW for
 * zh-HK), else in English, else in the first there is.
 */
export function chooseLanguage(
  texts: Readonly<Record<string, string>>,
  wanted: string | null,
): string | null {
  const written = Object.keys(texts).filter((language) => texts[language]?.trim());
  const family = (tag: string) => (/^yue|^zh-(hk|mo|hant)/i.test(tag) ? 'zh-TW' : tag.split('-')[0]!);
  if (wanted) {
    const exact = written.find((language) => language.toLowerCase() === wanted.toLowerCase());
    if (exact) return exact;
    const near =
      written.find((language) => language === family(wanted)) ??
      written.find((language) => language.split('-')[0] === wanted.split('-')[0]);
    if (near) return near;
  }
  return written.find((language) => language === 'en') ?? written[0] ?? null;
}

function isField(field: string): boolean {
  return (mergeFields as readonly string[]).includes(field) || /^custom\..+/.test(field);
}

/** The field a statement prints; null for plain text and comments, undefined for anything that is not allowed. */
function fieldOf(statement: Statement): string | null | undefined {
  if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') return null;
  if (statement.type !== 'MustacheStatement') return undefined;
  const mustache = statement as Statement & {
    path: Expression;
    params: unknown[];
    hash?: unknown;
    escaped: boolean;
  };
  const { path } = mustache;
  if (
    path.type !== 'PathExpression' ||
    path.data ||
    path.depth ||
    mustache.params.length > 0 ||
    mustache.hash
  )
    return undefined;
  if (!mustache.escaped) return undefined;
  return path.parts!.join('.');
}

const contentOf = (statement: Statement): string =>
  String((statement as unknown as { original: string }).original);

function sourceOf(text: string, statement: Statement): string {
  const { start } = statement.loc;
  return (text.split('\n')[start.line - 1] ?? '').slice(start.column, start.column + 40);
}
