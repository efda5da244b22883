/** How a campaign detects answering machines. Shares are fractions, times milliseconds. */
export interface AmdSettings {
  /** Nobody speaks for so long after the answer: a machine. */
  readonly silenceMs: number;
  /** Who speaks on for so long is a machine: people say a word or two, and wait. */
  readonly greetingMs: number;
  /** Who says more words than these without a pause is a machine. */
  readonly maxWords: number;
  /** Then detection gives up, and the call goes to an agent. */
  readonly listenMs: number;
  /**
   * So many of those taken for machines are given to an agent all the same. Who is hung up on tells nobody what they are,
   * so without these nobody can know how many of them are people.
   */
  readonly checkShare: number;
  /** Of the people who pick up, so many may be taken for machines; above it detection switches itself off. */
  readonly limit: number;
}

/**
 * The times are those that Asterisk's own AMD is shipped with. The limit is the law's for abandoned calls (16 CFR
 * 310.4(b)(4)(i), 47 CFR 64.1200(a)(7): 3 % of the calls that a person answers): for them it is one.
 */
export const defaultAmdSettings: AmdSettings = {
  silenceMs: 2_500,
  greetingMs: 1_500,
  maxWords: 4,
  listenMs: 5_000,
  checkShare: 0.05,
  limit: 0.03,
};

/**
 * Whether what was measured before says nothing of what comes now: detection listens in another way, or has others
 * checked, and then the checks of both times are no sample of the calls of both.
 */
export function measuresOtherwise(before: AmdSettings, after: AmdSettings): boolean {
  return (['silenceMs', 'greetingMs', 'maxWords', 'listenMs', 'checkShare'] as const).some(
    (key) => before[key] !== after[key],
  );
}
