import Handlebars, { type HelperOptions } from 'handlebars';
import {
  formatDate,
  formatDuration,
  formatNumber,
  formatPercent,
  formatPhone,
  isZone,
  zoneLongName,
  type DateShape,
} from '../i18n/index.ts';
import { roleMay, type Role } from '../users/role.ts';
import type { Asset } from './assets.ts';
import type { RequestContext } from './context.ts';
import type { Icon } from './icons.ts';
import type { FormState } from './validate.ts';

type Helper = (...args: never[]) => unknown;
const safe = (html: string) => new Handlebars.SafeString(html);
const escape = (text: string) => Handlebars.escapeExpression(text);

/** The request's context, from any depth of blocks and partials. */
function contextOf(options: HelperOptions): RequestContext {
  const { context } = options.data.root as { context?: RequestContext };
  if (!context) throw new Error('rendered without a request context: use page() or fragment()');
  return context;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
/** What stands where a value is missing. */
const nothing = '–';

function dateHelper(shape: DateShape) {
  return (at: unknown, options: HelperOptions) => {
    if (!isNumber(at)) return nothing;
    const reader = contextOf(options);
    const zone = typeof options.hash.zone === 'string' ? options.hash.zone : reader.zone;
    const iso = new Date(at).toISOString();
    return safe(`<time datetime="${iso}">${escape(formatDate(at, shape, reader, zone))}</time>`);
  };
}

/** Every helper that templates may use; described for their users in docs/ARCHITECTURE.md, "How to add a page". */
export function createHelpers(icon: Icon, asset: Asset): Record<string, Helper> {
  return {
    t: (key: unknown, options: HelperOptions) => {
      if (typeof key !== 'string' || key === '') return '';
      return contextOf(options).t(key, options.hash);
    },
    date: dateHelper('date'),
    time: dateHelper('time'),
    seconds: dateHelper('seconds'),
    datetime: dateHelper('datetime'),
    'zone-name': (zone: unknown, options: HelperOptions) =>
      isZone(zone) ? zoneLongName(zone, contextOf(options).locale) : nothing,
    number: (value: unknown, options: HelperOptions) =>
      isNumber(value) ? formatNumber(value, contextOf(options).locale, options.hash) : nothing,
    percent: (value: unknown, options: HelperOptions) =>
      isNumber(value)
        ? formatPercent(value, contextOf(options).locale, options.hash.digits as number | undefined)
        : nothing,
    duration: (ms: unknown) => (isNumber(ms) ? formatDuration(ms) : nothing),
    phone: (e164: unknown) =>
      typeof e164 === 'string' && e164 !== ''
        ? safe(`<span class="phone">${escape(formatPhone(e164))}</span>`)
        : nothing,
    /** For a value in the query of an address: `+` and `&` stay what they are. */
    'url-part': (value: unknown) => encodeURIComponent(String(value ?? '')),
    icon: (name: string, options: HelperOptions) =>
      safe(icon(name, typeof options.hash.class === 'string' ? options.hash.class : '')),
    asset: (file: string) => asset(file),
    csrf: (options: HelperOptions) =>
      safe(`<input type="hidden" name="_csrf" value="${escape(contextOf(options).csrfToken())}">`),
    'csrf-token': (options: HelperOptions) => contextOf(options).csrfToken(),
    'field-value': (form: unknown, name: string) => fieldValue(form, name) ?? '',
    'field-error': (form: unknown, name: string) => {
      const errors = (form as FormState | undefined)?.errors;
      return ownValue(errors, name) ?? ownValue(errors, fieldPath(name).join('.')) ?? '';
    },
    'field-chosen': (form: unknown, name: string, value: unknown) => isChosen(fieldValue(form, name), value),
    'field-checked': (form: unknown, name: string, value: unknown) => {
      const given = fieldValue(form, name);
      return given === true || given === 'on' || (value !== undefined && isChosen(given, value));
    },
    // U+2028/9 and "<" could end the script element or its string.
    json: (value: unknown) =>
      safe(
        JSON.stringify(value ?? null)
          .replace(/</g, '\\u003c')
          .replace(/\u2028/g, '\\u2028')
          .replace(/\u2029/g, '\\u2029'),
      ),
    can(this: unknown, ...args: unknown[]) {
      const options = args.pop() as HelperOptions;
      const { user } = contextOf(options);
      const allowed = user !== null && roleMay(user.role, args as Role[]);
      if (!options.fn) return allowed;
      return allowed ? options.fn(this) : options.inverse(this);
    },
    eq: (a: unknown, b: unknown) => a === b,
    ne: (a: unknown, b: unknown) => a !== b,
    not: (a: unknown) => !a,
    and: (...args: unknown[]) => args.slice(0, -1).every(Boolean),
    or: (...args: unknown[]) => args.slice(0, -1).find(Boolean) ?? false,
    concat: (...args: unknown[]) =>
      args
        .slice(0, -1)
        .map((part) => part ?? '')
        .join(''),
    default: (value: unknown, fallback: unknown) => (value == null || value === '' ? fallback : value),
    get: (object: unknown, key: unknown) => ownValue(object, String(key)),
    includes: (list: unknown, value: unknown) =>
      Array.isArray(list) && list.some((item) => String(item) === String(value)),
  };
}

/** `hours[0][from]` and `hours.0.from` are the same field. */
function fieldPath(name: string): string[] {
  return name.replaceAll(']', '').split(/[.[]/);
}

function fieldValue(form: unknown, name: string): unknown {
  let value: unknown = (form as FormState | undefined)?.values;
  const whole = ownValue(value, name);
  if (whole !== undefined) return whole;
  for (const part of fieldPath(name)) value = ownValue(value, part);
  return value;
}

function isChosen(given: unknown, value: unknown): boolean {
  const same = (item: unknown) => String(item ?? '') === String(value ?? '');
  return Array.isArray(given) ? given.some(same) : same(given);
}

/** A property of a plain object by name; nothing that it merely inherits. */
export function ownValue(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, key)
    ? (object as Record<string, unknown>)[key]
    : undefined;
}
