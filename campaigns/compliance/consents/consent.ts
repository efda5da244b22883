import { z } from 'zod';

/** What permits a call. `purchase` and `inquiry` are no permission but a relationship, which some laws let count. */
export const consentKinds = [
  'opt_in',
  'prior_express_consent',
  'pewc',
  'contract_in_progress',
  'night_consent',
  'purchase',
  'inquiry',
] as const;
export type ConsentKind = (typeof consentKinds)[number];
/**
 * What a line says: a permission, a relationship, that somebody wants no calls, whatever they had given, or that such a
 * line was a mistake.
 */
export type LedgerKind = ConsentKind | 'refusal' | 'annulment';

const relationships: ReadonlySet<string> = new Set<ConsentKind>(['purchase', 'inquiry']);

export const consentSources = ['paper', 'web', 'call', 'message', 'contract', 'import', 'api'] as const;
export type ConsentSource = (typeof consentSources)[number];
/** Sources that leave a writing of the customer's own; of others nobody knows how it was given. */
const inWriting: ReadonlySet<string> = new Set<ConsentSource>(['paper', 'web', 'contract']);
/** A refusal comes by the API or is written down on the customer's page. */
export type LedgerSource = ConsentSource | 'page';

/** One line of the ledger. Lines are added and revoked, never changed or deleted. */
export interface Consent {
  readonly id: number;
  /** Null: whoever owns the number. */
  readonly customerId: number | null;
  /** Null: every number of the customer. */
  readonly e164: string | null;
  readonly kind: LedgerKind;
  readonly source: LedgerSource;
  /** Where the proof is: a document's number, an address, a call's id. */
  readonly proof: string;
  /** The import whose file the proof is in. */
  readonly importId: number | null;
  readonly givenAt: number;
  /** The day that a file named, where it named no time: `2026-11-01`. */
  readonly givenDay: string | null;
  /** From then on it no longer holds; null: until it is revoked. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly revokeReason: string | null;
  readonly revokedBy: number | null;
  /** From then on a refusal is not counted; null: it was no mistake. */
  readonly annulledAt: number | null;
  readonly recordedBy: number | null;
  readonly recordedAt: number;
}

export type NewConsent = Pick<Consent, 'customerId' | 'e164' | 'proof' | 'givenAt' | 'expiresAt'> &
  Partial<Pick<Consent, 'importId' | 'givenDay'>> & {
    readonly kind: ConsentKind;
    readonly source: ConsentSource;
  };

/** Who wants no calls: customers on all their numbers, and numbers whoever has them. */
export interface Refusal {
  readonly customerIds: readonly number[];
  readonly numbers: readonly string[];
  readonly source: LedgerSource;
  /** Where it was said: a call's id. Absent: the reason stands for it. */
  readonly proof?: string;
}

/** What came of annulling: lines that are not counted any more, and permissions that hold again. */
export interface Annulled {
  readonly refusals: number;
  readonly restored: number;
}

export const proofText = z.string().trim().min(2).max(500);
export const revokeReason = z.string().trim().min(3).max(255);

/** What the ledger says of one call: permissions, `revoked`, and dates of a relationship. */
export interface ConsentFacts {
  readonly kinds: readonly string[];
  /** When the newest permission that holds was given. */
  readonly givenAt: number | null;
  readonly transactionAt: number | null;
  readonly inquiryAt: number | null;
  /** A permission was taken back, whatever was given since: a word without a date of its own adds nothing. */
  readonly everRevoked: boolean;
  /** An opt-in that holds was given in writing. */
  readonly optInWritten: boolean;
  /** The next instant at which a line begins or ends by itself; null: none does. */
  readonly changesAt: number | null;
  /** Lines that bear on the call, for the evidence. */
  readonly ids: readonly number[];
}

const isPermission = ({ kind }: Consent): boolean => !relationships.has(kind);

/** Neither a mistake nor the word that it was one. */
const counts =
  (at: number) =>
  ({ kind, annulledAt }: Consent): boolean =>
    kind !== 'annulment' && (annulledAt === null || annulledAt > at);

/**
 * Whether a permission came into the ledger after the revocation of another, and was not given after it: what somebody
 * took back is not given again by an older paper, or by the column of an import, which says nothing of when it was given.
 * A refusal speaks of all that was given before it, whenever that was written down: also of what it left in the ledger
 * because others go by it, as a line about a number that they share. A line of an import that it did not reach was
 * written while it was, whatever either says of its time.
 */
function overruledBy(line: Consent, { at, refused }: Revocation): boolean {
  if (line.importId !== null) return refused || line.recordedAt >= at;
  return line.givenAt <= at && (refused || line.recordedAt >= at);
}

interface Revocation {
  readonly at: number;
  /** All of it, not one permission among others. */
  readonly refused: boolean;
}

const revocationOf = ({ kind }: Pick<Consent, 'kind'>, at: number): Revocation => ({
  at,
  refused: kind === 'refusal',
});

/** Whether a permission adds nothing, on each of the numbers it is for, as a revocation among `lines` stands against it. */
export function isOverruled(line: Consent, lines: readonly Consent[]): boolean {
  return (
    isPermission(line) &&
    lines.some(
      (other) =>
        counts(Infinity)(other) &&
        other.revokedAt !== null &&
        isPermission(other) &&
        (other.e164 === null || other.e164 === line.e164) &&
        overruledBy(line, revocationOf(other, other.revokedAt)),
    )
  );
}

/** Who is called, where and when. */
interface Called {
  readonly e164: string;
  readonly customerId: number | null;
  readonly at: number;
}

/**
 * When what a permission permits was last taken back, where that stands against it for this call; null: nothing does.
 * `ledger` has the line in it.
 */
export function overruledAt(line: Consent, ledger: readonly Consent[], called: Called): number | null {
  if (!isPermission(line)) return null;
  const { revocations, boundBy } = bearingOn(ledger, called);
  const against = revocations.filter((revocation) => overruledBy(line, revocation)).map(({ at }) => at);
  return [...against, ...boundBy(line)].reduce<number | null>((last, at) => Math.max(last ?? at, at), null);
}

/** What bears on a call: lines, revocations, and of a line those by others who have the number, which bind it. */
function bearingOn(ledger: readonly Consent[], { e164, customerId, at }: Called) {
  const lines = ledger.filter(counts(at));
  const bearing = lines.filter(
    (line) =>
      line.givenAt <= at &&
      (line.e164 === null || line.e164 === e164) &&
      (line.customerId === null || line.customerId === customerId),
  );
  const others = lines.filter(
    (line) => line.givenAt <= at && line.e164 === e164 && line.customerId !== null && !bearing.includes(line),
  );
  const holds = (line: Consent): boolean =>
    (line.revokedAt === null || line.revokedAt > at) && (line.expiresAt === null || line.expiresAt > at);
  const permissions = bearing.filter(isPermission);
  const ofNumber = [...permissions.filter((line) => line.e164 === e164), ...others.filter(isPermission)];
  const takenBack = takenBackByOwner(ofNumber, { holds, at });
  const revocations = [
    ...permissions.flatMap((line) =>
      line.revokedAt !== null && line.revokedAt <= at ? revocationOf(line, line.revokedAt) : [],
    ),
    ...[...takenBack].flatMap(([owner, revokedAt]) =>
      owner === customerId ? [] : { at: revokedAt, refused: false },
    ),
  ];
  const boundBy = (line: Consent): number[] =>
    line.customerId === null
      ? []
      : [...takenBack].flatMap(([owner, revokedAt]) =>
          owner !== line.customerId && line.givenAt <= revokedAt ? revokedAt : [],
        );
  return { bearing, others, holds, revocations, boundBy };
}

/**
 * Lines of a customer or a number, as they stand at an instant. Somebody who gave permissions and has taken all of
 * them back counts as `revoked`, until one is given after that. Taken back for a number, it binds the number: whoever
 * else has it is called there on a permission of after that alone.
 */
export function consentFacts(ledger: readonly Consent[], { e164, customerId, at }: Called): ConsentFacts {
  const { bearing, others, holds, revocations, boundBy } = bearingOn(ledger, { e164, customerId, at });
  const held = bearing
    .filter((line) => isPermission(line) && holds(line) && boundBy(line).length === 0)
    .filter((line) => !revocations.some((revocation) => overruledBy(line, revocation)))
    .sort((a, b) => b.givenAt - a.givenAt);
  const latest = (kind: ConsentKind): number | null =>
    bearing
      .filter((line) => line.kind === kind && holds(line))
      .reduce<number | null>((last, { givenAt }) => Math.max(last ?? givenAt, givenAt), null);
  const revoked = held.length === 0 && revocations.length > 0;
  return {
    kinds: revoked ? ['revoked'] : [...new Set(held.map(({ kind }) => kind))],
    givenAt: held[0]?.givenAt ?? null,
    transactionAt: latest('purchase'),
    inquiryAt: latest('inquiry'),
    everRevoked: revocations.length > 0,
    changesAt: nextChange(ledger, at),
    optInWritten: held.some(({ kind, source }) => kind === 'opt_in' && inWriting.has(source)),
    ids: [...bearing, ...others.filter(({ revokedAt }) => revokedAt !== null)]
      .map(({ id }) => id)
      .sort((a, b) => a - b),
  };
}

function nextChange(ledger: readonly Consent[], at: number): number | null {
  let next: number | null = null;
  for (const { givenAt, expiresAt, revokedAt, annulledAt } of ledger)
    for (const instant of [givenAt, expiresAt, revokedAt, annulledAt])
      if (instant !== null && instant > at && (next === null || instant < next)) next = instant;
  return next;
}

/**
 * Owners of a number (null: whoever it is) who gave permissions for it and have taken all of them back, and when. What
 * adds nothing to what they took back, as a line that a file brought late, does not give it back either.
 */
function takenBackByOwner(
  lines: readonly Consent[],
  { holds, at }: { holds: (line: Consent) => boolean; at: number },
): Map<number | null, number> {
  const revoked = lines.flatMap(({ customerId, kind, revokedAt }) =>
    revokedAt !== null && revokedAt <= at ? { owner: customerId, ...revocationOf({ kind }, revokedAt) } : [],
  );
  const takenBack = new Map<number | null, number>();
  for (const { owner, at: when } of revoked) takenBack.set(owner, Math.max(takenBack.get(owner) ?? 0, when));
  for (const line of lines)
    if (holds(line) && !revoked.some((one) => one.owner === line.customerId && overruledBy(line, one)))
      takenBack.delete(line.customerId);
  return takenBack;
}
