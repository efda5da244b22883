import { z } from 'zod';
import { isZone, type Locale } from '../../core/i18n/index.ts';
import { line } from '../../core/text/index.ts';
import { checkScript, formSchema, isCountry, scriptProblemParams } from '../../crm/index.ts';
import { attemptOutcomes, defaultRetryRules, phoneChoices, type PhoneChoice, type RetryRule, type RetryRules } from '../leads/outcome.ts'; // prettier-ignore
import type { CampaignDraft } from './campaign-store.ts';
import { campaignModes, contentLanguages } from './campaign.ts';
import { filterFieldsOf, readFilter } from './filter-form.ts';
import { dayPartFields, hoursFields, readDayParts, readHours } from './hours-form.ts';
import { ruleSetNames } from '../compliance/lawful-cap.ts';

/** What a form says of boxes of one name. */
export function chosenOf(value: unknown): unknown[] {
  if (value === undefined || value === '') return [];
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : [value];
}

export const delayUnits = { m: 1, h: 60, d: 1440 } as const;
export type DelayUnit = keyof typeof delayUnits;

const seconds = (least: number, most: number) =>
  z.coerce
    .number()
    .int()
    .min(least)
    .max(most)
    .transform((value) => value * 1000);
const flag = z.preprocess((value) => value === 'on' || value === true || value === 'yes', z.boolean());
/** Boxes of one name: none, one, or many. */
const many = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => chosenOf(value), z.array(item).max(2000));
const ids = many(z.coerce.number().int().positive());
const shape: Record<string, z.ZodType> = {};
for (const outcome of attemptOutcomes) {
  shape[`retry_${outcome}_attempts`] = z.coerce.number().int().min(1).max(50);
  shape[`retry_${outcome}_delay`] = z.coerce.number().int().min(0).max(1000);
  shape[`retry_${outcome}_unit`] = z.enum(['m', 'h', 'd']).catch('m');
  shape[`retry_${outcome}_phone`] = z.enum(phoneChoices).default(defaultRetryRules[outcome].phone);
  shape[`retry_${outcome}_part`] = flag;
}
for (const language of contentLanguages) {
  shape[`script_${language}`] = z.string().max(20_000).default('');
  shape[`message_${language}`] = z.string().trim().max(1_000).default('');
  shape[`machine_${language}`] = z.string().trim().max(1_000).default('');
}

const base = z.object({
  revision: z.coerce.number().int().min(0).default(0),
  name: line.min(1).max(120),
  mode: z.enum(campaignModes),
  priority: z.coerce.number().int().min(1).max(9),
  weight: z.coerce.number().int().min(1).max(10).default(1),
  defaultCountry: z.string().refine((code) => isCountry(code), 'campaigns:errors.country'),
  zone: z.string().refine((zone) => isZone(zone), 'campaigns:errors.zone'),
  callerId: z
    .string()
    .trim()
    .regex(/^(\+?\d{3,15})?$/, 'campaigns:errors.callerId')
    .default(''),
  /** Empty: no pool, `callerId` is shown. */
  numberPoolId: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.coerce.number().int().positive().nullable(),
  ),
  /** Empty: the text that stands in the form. */
  scriptId: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.coerce.number().int().positive().nullable(),
  ),
  abandonCap: z.coerce.number().min(0.1).max(20),
  /** The law counts over 30 days; a shorter window is stricter. */
  abandonWindowDays: z.coerce.number().int().min(1).max(30),
  answerGrace: z.coerce.number().min(0.5).max(10),
  ringTimeout: seconds(10, 120),
  powerRatio: z.coerce.number().min(1).max(10),
  maxLinesPerAgent: z.coerce.number().int().min(1).max(20),
  wrapupLimit: seconds(5, 1800),
  previewLimit: seconds(5, 1800),
  maxAttempts: z.coerce.number().int().min(1).max(50),
  /** Empty: no limit of its own. */
  attemptsPerNumber: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.coerce.number().int().min(1).max(50).nullable(),
  ),
  /** Minutes; empty: the callback waits for its agent for ever. */
  callbackHandover: z.preprocess(
    (value) => (value === '' || value === undefined ? null : value),
    z.coerce.number().int().min(0).max(10_080).nullable(),
  ),
  amd: flag,
  amdSilence: z.coerce.number().min(1).max(6).default(2.5),
  amdGreeting: z.coerce.number().min(0.5).max(6).default(1.5),
  amdWords: z.coerce.number().int().min(2).max(20).default(4),
  amdListen: z.coerce.number().min(2).max(10).default(5),
  /** Empty: the usual share, and not nobody. */
  amdCheckShare: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number().min(0).max(100).default(5),
  ),
  amdLimit: z.coerce.number().min(0.1).max(100).default(3),
  recording: flag,
  optOutDigit: z.union([z.literal(''), z.string().regex(/^[0-9*#]$/)]).default(''),
  trunkIds: ids,
  sharedTrunkIds: ids,
  agentIds: ids,
  dispositionIds: ids,
  ruleSetReason: z.string().trim().max(255).default(''),
  ruleSets: many(z.string().max(60)).pipe(
    z.array(z.string()).refine((names) => names.join('+').length <= 191, 'campaigns:errors.ruleSetsMany'),
  ),
});

export interface CampaignFormResult {
  readonly revision: number;
  /** Why other rules stand in for the law's. */
  readonly ruleSetReason: string;
  readonly draft: CampaignDraft;
}

/** The form of a campaign as it is posted: flat names, so that an error finds its field. */
export const campaignFormSchema: z.ZodType<CampaignFormResult> = formSchema(
  base.extend(shape),
  (input, parsed, context): CampaignFormResult | null => {
    const hours = readHours(input, context);
    const dayParts = readDayParts(input, context);
    const leadFilter = readFilter(input, context, String(input.defaultCountry ?? ''));
    const script = texts(input, 'script');
    for (const [language, text] of Object.entries(script)) {
      const [problem] = checkScript(text);
      if (problem)
        context.addIssue({
          code: 'custom',
          path: [`script_${language}`],
          message: `crm:scriptProblems.${problem.code}`,
          params: scriptProblemParams(problem),
        });
    }
    if (!parsed) return null;
    const given: Record<string, unknown> = parsed;
    const form = parsed as z.output<typeof base>;
    const draft: CampaignDraft = {
      name: form.name,
      mode: form.mode,
      priority: form.priority,
      weight: form.weight,
      defaultCountry: form.defaultCountry,
      zone: form.zone,
      callerId: form.callerId === '' ? null : form.callerId,
      numberPoolId: form.numberPoolId,
      abandonCap: form.abandonCap / 100,
      abandonWindowMs: form.abandonWindowDays * 86_400_000,
      answerGraceMs: Math.round(form.answerGrace * 1000),
      ringTimeoutMs: form.ringTimeout,
      powerRatio: form.powerRatio,
      maxLinesPerAgent: form.maxLinesPerAgent,
      wrapupLimitMs: form.wrapupLimit,
      previewLimitMs: form.previewLimit,
      maxAttempts: form.maxAttempts,
      attemptsPerNumber: form.attemptsPerNumber,
      dayParts,
      leadFilter,
      callbackHandoverMs: form.callbackHandover === null ? null : form.callbackHandover * 60_000,
      amd: form.amd,
      amdSettings: {
        silenceMs: Math.round(form.amdSilence * 1000),
        greetingMs: Math.round(form.amdGreeting * 1000),
        maxWords: form.amdWords,
        listenMs: Math.round(form.amdListen * 1000),
        checkShare: form.amdCheckShare / 100,
        limit: form.amdLimit / 100,
      },
      machineMessage: { words: texts(given, 'machine') },
      recording: form.recording,
      hours,
      retryRules: readRetries(given),
      scriptId: form.scriptId,
      script,
      identification: {
        words: texts(given, 'message'),
        optOutDigit: form.optOutDigit === '' ? null : form.optOutDigit,
      },
      ruleSet: form.ruleSets.length === 0 ? null : form.ruleSets.join('+'),
      trunkIds: form.trunkIds,
      // What shares with nothing above it is the first of its rank.
      sharedTrunkIds: form.trunkIds.slice(1).filter((id) => form.sharedTrunkIds.includes(id)),
      // In no order: the form has them by name, the store by id.
      agentIds: [...new Set(form.agentIds)].sort((a, b) => a - b),
      dispositionIds: form.dispositionIds,
    };
    return { revision: form.revision, ruleSetReason: form.ruleSetReason, draft };
  },
);

function texts(form: Record<string, unknown>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    contentLanguages
      .map((language) => [language, String(form[`${prefix}_${language}`] ?? '')] as const)
      .filter(([, text]) => text.trim() !== ''),
  );
}

function readRetries(form: Record<string, unknown>): RetryRules {
  const rules = attemptOutcomes.map((outcome) => {
    const unit = form[`retry_${outcome}_unit`] as DelayUnit;
    const rule: RetryRule = {
      attempts: Number(form[`retry_${outcome}_attempts`]),
      delayMinutes: Number(form[`retry_${outcome}_delay`]) * delayUnits[unit],
      phone: form[`retry_${outcome}_phone`] as PhoneChoice,
      otherPart: form[`retry_${outcome}_part`] === true,
    };
    return [outcome, rule] as const;
  });
  return Object.fromEntries(rules) as unknown as RetryRules;
}

/** What the form shows of a campaign. */
export function formOf(draft: CampaignDraft, revision: number, locale: Locale): Record<string, unknown> {
  const form: Record<string, unknown> = {
    revision,
    name: draft.name,
    mode: draft.mode,
    priority: draft.priority,
    weight: draft.weight,
    defaultCountry: draft.defaultCountry,
    zone: draft.zone,
    callerId: draft.callerId ?? '',
    numberPoolId: draft.numberPoolId ?? '',
    scriptId: draft.scriptId ?? '',
    abandonCap: Number((draft.abandonCap * 100).toFixed(2)),
    abandonWindowDays: Math.round(draft.abandonWindowMs / 86_400_000),
    answerGrace: draft.answerGraceMs / 1000,
    ringTimeout: draft.ringTimeoutMs / 1000,
    powerRatio: draft.powerRatio,
    maxLinesPerAgent: draft.maxLinesPerAgent,
    wrapupLimit: draft.wrapupLimitMs / 1000,
    previewLimit: draft.previewLimitMs / 1000,
    maxAttempts: draft.maxAttempts,
    attemptsPerNumber: draft.attemptsPerNumber ?? '',
    ...dayPartFields(draft.dayParts),
    ...filterFieldsOf(draft.leadFilter, locale),
    callbackHandover: draft.callbackHandoverMs === null ? '' : draft.callbackHandoverMs / 60_000,
    amd: draft.amd,
    amdSilence: draft.amdSettings.silenceMs / 1000,
    amdGreeting: draft.amdSettings.greetingMs / 1000,
    amdWords: draft.amdSettings.maxWords,
    amdListen: draft.amdSettings.listenMs / 1000,
    amdCheckShare: Number((draft.amdSettings.checkShare * 100).toFixed(2)),
    amdLimit: Number((draft.amdSettings.limit * 100).toFixed(2)),
    recording: draft.recording,
    optOutDigit: draft.identification.optOutDigit ?? '',
    ruleSets: ruleSetNames(draft.ruleSet),
    ...hoursFields(draft.hours),
    trunkIds: draft.trunkIds.map(String),
    sharedTrunkIds: draft.sharedTrunkIds.map(String),
    agentIds: draft.agentIds.map(String),
    dispositionIds: draft.dispositionIds.map(String),
  };
  for (const outcome of attemptOutcomes) {
    const { attempts, delayMinutes, phone, otherPart } = draft.retryRules[outcome];
    const unit =
      delayMinutes > 0 && delayMinutes % 1440 === 0
        ? 'd'
        : delayMinutes > 0 && delayMinutes % 60 === 0
          ? 'h'
          : 'm';
    form[`retry_${outcome}_attempts`] = attempts;
    form[`retry_${outcome}_delay`] = delayMinutes / delayUnits[unit];
    form[`retry_${outcome}_unit`] = unit;
    form[`retry_${outcome}_phone`] = phone;
    form[`retry_${outcome}_part`] = otherPart ? 'on' : '';
  }
  for (const language of contentLanguages) {
    form[`script_${language}`] = draft.script[language] ?? '';
    form[`message_${language}`] = draft.identification.words[language] ?? '';
    form[`machine_${language}`] = draft.machineMessage.words[language] ?? '';
  }
  return form;
}
