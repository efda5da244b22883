/**
 * Chance that more answers come than agents and budget cover, which the promise accepts at any one moment: an account that is
 * overdrawn at noon is earned back, one at the close is not. With each chance its normal quantile, for floors where answers
 * are many.
 */
export interface Risk {
  chance: number;
  deviations: number;
}
export const USUAL_RISK: Risk = { chance: 5e-6, deviations: 4.4 };
export const CLOSING_RISK: Risk = { chance: 1e-7, deviations: 5.2 };
const MANY = 40;

/**
 * The most lines of `asked` that may be added so that more than `covered` answers come with a chance of `risk` at most.
 * Of all sums of unequal chances with one mean, the equal ones have the heaviest upper tail (Hoeffding 1956), so the
 * binomial law is a bound. No agent is expected to become free meanwhile.
 */
export function linesCovered(
  asked: number,
  ringing: number,
  expected: number,
  probability: number,
  covered: number,
  risk: Risk = USUAL_RISK,
): number {
  const whole = Math.floor(covered);
  if (safe(ringing + asked, expected + asked * probability, whole, risk)) return asked;
  let low = 0;
  let high = asked;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (safe(ringing + middle, expected + middle * probability, whole, risk)) low = middle;
    else high = middle;
  }
  return low;
}

/** The most lines of one chance that may ring when `covered` answers are covered, up to `most`. */
export function linesSafeFor(covered: number, probability: number, most: number): number {
  if (covered >= most) return most;
  let lines = Math.floor(covered);
  while (lines < most && safe(lines + 1, (lines + 1) * probability, Math.floor(covered), USUAL_RISK)) lines++;
  return lines;
}

function safe(lines: number, expected: number, covered: number, risk: Risk): boolean {
  if (lines <= covered) return true;
  if (expected >= covered) return false;
  return expected > MANY
    ? covered + 0.5 - expected >= risk.deviations * Math.sqrt(expected * (1 - expected / lines))
    : binomialAbove(covered, lines, expected / lines) <= risk.chance;
}

/** P(more than `count` of `lines` with chance `probability` each). */
export function binomialAbove(count: number, lines: number, probability: number): number {
  if (count >= lines) return 0;
  if (probability >= 1) return 1;
  let term = (1 - probability) ** lines;
  let below = term;
  const odds = probability / (1 - probability);
  for (let k = 1; k <= count; k++) {
    term *= ((lines - k + 1) / k) * odds;
    below += term;
  }
  return Math.max(0, 1 - below);
}
