import { z } from 'zod';
import { line } from '../../core/text/index.ts';
import { sipHeaderSchema, type SipHeader } from './sip-headers.ts';

export const trunkTransports = ['udp', 'tcp', 'tls'] as const;
export const trunkCodecs = ['alaw', 'ulaw', 'g722', 'opus', 'g729', 'gsm'] as const;

/** Applies to numbers that begin with `match` (E.164 with its `+`; empty: all): cuts `strip` signs, puts `add` before. */
export interface PrefixRule {
  readonly match: string;
  readonly strip: number;
  readonly add: string;
}

/** A way out to the telephone network. */
export interface Trunk {
  readonly id: number;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly transport: (typeof trunkTransports)[number];
  readonly username: string | null;
  readonly hasPassword: boolean;
  readonly register: boolean;
  /** The carrier wants the user name in From, and takes the caller ID from P-Asserted-Identity. */
  readonly loginInFrom: boolean;
  readonly codecs: readonly string[];
  /** Calls at once. */
  readonly channels: number;
  /** New calls in any one second; below 1 one call in so many seconds. */
  readonly callsPerSecond: number;
  readonly prefixRules: readonly PrefixRule[];
  /** Beside what the switch writes itself. */
  readonly headers: readonly SipHeader[];
  /** Where neither campaign nor agent names one. */
  readonly callerId: string | null;
  readonly position: number;
  /** Its share of the calls among trunks of one rank. */
  readonly weight: number;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The endpoint's name on the switch. */
export function trunkEndpointName(trunkId: number): string {
  return `trunk-${trunkId}`;
}

/**
 * The number as this trunk wants it: the longest matching rule applies, and without one the number goes as it is. Null
 * when the rule cuts all of it: what is put before would be dialled alone.
 */
export function numberFor(rules: readonly PrefixRule[], e164: string): string | null {
  let best: PrefixRule | null = null;
  for (const rule of rules)
    if (e164.startsWith(rule.match) && (!best || rule.match.length > best.match.length)) best = rule;
  if (!best) return e164;
  const kept = e164.slice(best.strip);
  return kept === '' ? null : best.add + kept;
}

/** What is dialled: `PJSIP/0041790000000@trunk-3`; null when the trunk's rule leaves nothing of the number. */
export function dialString(trunk: Pick<Trunk, 'id' | 'prefixRules'>, e164: string): string | null {
  const number = numberFor(trunk.prefixRules, e164);
  return number === null ? null : `PJSIP/${number}@${trunkEndpointName(trunk.id)}`;
}

const orNull = <S extends z.ZodType>(schema: S) => z.union([z.literal('').transform(() => null), schema]);
const checkbox = z
  .union([z.boolean(), z.literal('on'), z.literal('1'), z.literal('')])
  .transform((value) => value === true || value === 'on' || value === '1');
const dialSigns = z
  .string()
  .trim()
  .max(20)
  .regex(/^[+*#0-9]*$/, 'dialer:errors.dialSigns');

/** What is known of a number that the rule applies to: its prefix, and that it begins with a plus. */
const knownSigns = (match: string): number => Math.max(match.length, 1);

export const prefixRuleSchema = z.object({
  match: dialSigns.regex(/^(\+|$)/, 'dialer:errors.prefixPlus'),
  strip: z.coerce.number().int().min(0).max(20),
  add: dialSigns,
});

/** A form always shows a row to be filled in; left empty it is no rule. */
function withoutEmptyRows(rows: unknown): unknown {
  if (!Array.isArray(rows)) return rows;
  return rows.filter((row: Record<string, unknown> | null) =>
    ['match', 'strip', 'add', 'name', 'value'].some((key) => row?.[key]),
  );
}

const hostPattern =
  /^(?:\[[0-9a-fA-F:]+\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)$/;

/** A trunk as its page sends it. `password`: empty keeps the one that is stored. */
export const trunkFormSchema = z
  .object({
    name: line.min(1).max(60),
    host: z.string().trim().min(1).max(191).regex(hostPattern, 'dialer:errors.host'),
    port: z.coerce.number().int().min(1).max(65_535).default(5060),
    transport: z.enum(trunkTransports).default('udp'),
    // These stand in lines of the switch's configuration.
    username: orNull(
      z
        .string()
        .trim()
        .max(100)
        .regex(/^[^\s;[\]]+$/, 'dialer:errors.username'),
    ).default(null),
    password: z
      .string()
      .max(100)
      .regex(/^[^\r\n]*$/, 'dialer:errors.password')
      .default(''),
    register: checkbox.default(false),
    loginInFrom: checkbox.default(false),
    codecs: z.preprocess(
      (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : (value ?? [])),
      z.array(z.enum(trunkCodecs)).min(1, 'dialer:errors.codecs'),
    ),
    channels: z.coerce.number().int().min(1).max(10_000),
    callsPerSecond: z.coerce.number().min(0.1).max(1_000),
    prefixRules: z.preprocess(withoutEmptyRows, z.array(prefixRuleSchema).max(50)).default([]),
    headers: z.preprocess(withoutEmptyRows, z.array(sipHeaderSchema).max(20)).default([]),
    weight: z.coerce.number().int().min(1).max(100).default(10),
    callerId: orNull(dialSigns).default(null),
    enabled: checkbox.default(false),
  })
  .refine((trunk) => !trunk.register || trunk.username !== null, {
    path: ['username'],
    error: 'dialer:errors.registerNeedsUsername',
  })
  .refine((trunk) => new Set(trunk.prefixRules.map((rule) => rule.match)).size === trunk.prefixRules.length, {
    path: ['prefixRules'],
    error: 'dialer:errors.prefixTwice',
  })
  .refine(({ headers }) => new Set(headers.map(({ name }) => name.toLowerCase())).size === headers.length, {
    path: ['headers'],
    error: 'dialer:errors.headerTwice',
  })
  .superRefine(({ prefixRules }, context) => {
    // Who cuts signs that no prefix names does not know what is left, nor whether anything is.
    for (const [index, { match, strip }] of prefixRules.entries())
      if (strip > knownSigns(match))
        for (const path of [['prefixRules'], ['prefixRules', index, 'strip']])
          context.addIssue({
            ...{ code: 'custom', path, message: 'dialer:errors.prefixStrip' },
            params: { match: match || '+', count: knownSigns(match) },
          });
  });

export type TrunkForm = z.output<typeof trunkFormSchema>;
