/**
 * A day of traffic through the whole product, as fast as the machine can follow.
 *
 *     npm run bench -- soak [--hours 24] [--from 0] [--leads 12000] [--seed 1]
 *
 * Five campaigns around the globe, each with its shift: agents (robots) come, take breaks, go to lunch and home, promise
 * callbacks, hold, park, transfer and ask colleagues; phones are lost, a carrier goes away, the event socket is cut, and
 * supervisors look at it all. Prints memory and rows by the hour, and ends with 1 where a check fails. Takes a core for
 * some forty minutes; Ctrl-C ends the day early, and what there is by then is checked.
 */
import { parseArgs } from 'node:util';
import { runSoak } from './soak.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: 'string', default: '24' },
      from: { type: 'string', default: '0' },
      leads: { type: 'string', default: '12000' },
      seed: { type: 'string', default: '1' },
    },
  });
  let isEnough = false;
  process.once('SIGINT', () => (isEnough = true));
  const result = await runSoak({
    hours: Number(values.hours),
    from: Number(values.from),
    leads: Number(values.leads),
    seed: Number(values.seed),
    tell: (line) => console.log(line),
    isEnough: () => isEnough,
  });
  if (result.checks.some(({ wrong }) => wrong.length > 0)) process.exitCode = 1;
}
