/**
 * What the telephony port costs beside the least that can be done.
 *
 *     npm run bench -- telephony [--seconds 10] [--rates 50,100,200] [--asterisk]
 *
 * 1. Requests a second and processor time for each, through the port and through bare HTTP.
 * 2. Calls at a fixed rate, each answered after a second and hung up then: time until the switch takes the call, and
 *    from its taking to the answer's event above that second; the processors' share on both sides.
 */
import { parseArgs } from 'node:util';
import { realAsterisk, simulatorProcess, type BenchedSwitch } from './switches.ts';
import { throughBareHttp, throughPort, type Way } from './ways.ts';

const ringMs = 1000;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '10' },
      rates: { type: 'string', default: '50,100,200' },
      asterisk: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  const at = await (values.asterisk ? realAsterisk() : simulatorProcess());
  try {
    for (const open of [throughBareHttp, throughPort]) {
      const way = await open(at.access);
      await requests(at, way, Math.min(seconds, 5));
      for (const rate of values.rates.split(',').map(Number)) await calls(at, way, rate, seconds);
      await way.close();
    }
  } finally {
    await at.close();
  }
}

async function requests(at: BenchedSwitch, way: Way, seconds: number): Promise<void> {
  const processor = process.cpuUsage();
  const begun = performance.now();
  let done = 0;
  const loop = async () => {
    while (performance.now() - begun < seconds * 1000) {
      await way.ping();
      done++;
    }
  };
  await Promise.all(Array.from({ length: 16 }, loop));
  const { user, system } = process.cpuUsage(processor);
  const perSecond = Math.round(done / seconds);
  console.log(
    `${at.name}, ${way.name}: ${perSecond} requests/s, ${Math.round((user + system) / done)} µs of processor each`,
  );
}

async function calls(at: BenchedSwitch, way: Way, rate: number, seconds: number): Promise<void> {
  const taken: number[] = [];
  const overhead: number[] = [];
  const begun = new Map<string, number>();
  let failed = 0;
  way.onAnswer((channelId) => {
    const start = begun.get(channelId);
    if (start === undefined) return;
    overhead.push(performance.now() - start - ringMs);
    begun.delete(channelId);
    void way.hangup(channelId).catch(() => {});
  });
  const processor = process.cpuUsage();
  const switchBefore = at.cpu();
  const from = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    const late = from + (n * 1000) / rate - performance.now();
    if (late > 1) await pause(late);
    const channelId = `${way.name.slice(0, 4)}-${rate}-${n}`;
    const start = performance.now();
    begun.set(channelId, start);
    way.originate(channelId, `PJSIP/+1202555${String(n % 100).padStart(2, '0')}01@${at.trunk}`).then(
      () => taken.push(performance.now() - start),
      () => failed++,
    );
  }
  const took = (performance.now() - from) / 1000;
  await pause(ringMs + 1500);
  const { user, system } = process.cpuUsage(processor);
  const own = (user + system) / 1e6 / took;
  const theirs = (at.cpu() - switchBefore) / took;
  console.log(
    [
      `${at.name}, ${way.name}, ${Math.round((rate * seconds) / took)} calls/s:`,
      `taken p50 ${show(taken, 0.5)} p99 ${show(taken, 0.99)};`,
      `answer above the ring p50 ${show(overhead, 0.5)} p99 ${show(overhead, 0.99)};`,
      `answered ${overhead.length} of ${rate * seconds}, failed ${failed};`,
      `processor ${own.toFixed(2)} here, ${theirs.toFixed(2)} there`,
    ].join(' '),
  );
  begun.clear();
}

function show(values: number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
