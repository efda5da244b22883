import type { PacingFacts, PacingReason } from './types.ts';

const lines: Record<PacingReason, (launch: number, facts: PacingFacts) => string> = {
  pacing: (launch, f) => `Dialling ${launch}: ${forecast(f)}.`,
  'enough-ringing': (_, f) => `Waiting: ${forecast(f)}; more lines would risk abandoned calls.`,
  'no-agents': () => 'Waiting: no agent is at work for this campaign.',
  'no-leads': (launch) => `Dialling ${launch}: no more leads may be called now.`,
  'no-lines': (launch) => `Dialling ${launch}: no more lines are free.`,
  'lines-per-agent': (launch) => `Dialling ${launch}: the bound of lines for each agent is reached.`,
  'budget-spent': (launch, f) =>
    `Dialling ${launch}, one line for each free agent: ${f.abandoned} of ${f.answers} live answers were abandoned, ` +
    `and the cap leaves no room for more lines.`,
  'no-gain': (launch) => `Dialling ${launch}, one line for each free agent: more lines would not help here.`,
  progressive: (launch, f) => `Dialling ${launch}, one line for each free agent (${f.idle} free).`,
  power: (launch, f) =>
    `Dialling ${launch} by a fixed ratio: ${f.idle} agents free, ${f.ringing} lines ringing.`,
};

function forecast(f: PacingFacts): string {
  return (
    `${f.idle} agents free and ${tenths(f.expectedFree)} more expected, ` +
    `${tenths(f.expectedAnswers)} answers expected from ${f.ringing} lines`
  );
}

/** With one digit after the point. `toFixed` would be a quarter of the time that a decision takes. */
function tenths(value: number): string {
  const whole = Math.round(10 * value);
  return `${Math.floor(whole / 10)}.${whole % 10}`;
}

/** The reason in one line for people. */
export function explain(code: PacingReason, launch: number, facts: PacingFacts): string {
  return lines[code](launch, facts);
}
