/**
 * What one dialer process can do, beside what the switch alone can.
 *
 *     npm run bench -- dialer [--seconds 15] [--rates 20,50] [--asterisk]
 *
 * 1. Calls a second through one dialer process on the simulator (a process of its own): busy customers, so that a call
 *    is reserved, gated twice, dialled, ended and settled. Beside it: plain HTTP requests a second to that simulator.
 * 2. From answer to agent: from the answer's event until customer and agent share a bridge, at so many answers a
 *    second. Beside it: the same one ARI request with nothing else in the process.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { bareHttp, bareJoin } from './bare.ts';
import { pause, prepareStage, quantile, simulatorSwitch, type Switch } from './stage.ts';

const busy = '05';
const talksThreeSeconds = '03';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '15' },
      rates: { type: 'string', default: '20,50' },
      asterisk: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  const rates = values.rates.split(',').map(Number);
  if (!values.asterisk) {
    await throughput(seconds);
    for (const rate of rates)
      await withSwitch(simulatorSwitch, (at) => answerToAgent('simulator', at, rate, seconds));
    return;
  }
  const { asteriskSwitch } = await import('./asterisk-switch.ts');
  for (const rate of rates)
    await withSwitch(asteriskSwitch, (at) => answerToAgent('Asterisk', at, rate, seconds));
}

async function withSwitch(make: () => Promise<Switch>, use: (at: Switch) => Promise<void>): Promise<void> {
  const at = await make();
  try {
    await use(at);
  } finally {
    await at.close();
  }
}

async function throughput(seconds: number): Promise<void> {
  await withSwitch(simulatorSwitch, async (at) => {
    const bare = await bareHttp(at.access, 3);
    const stage = await prepareStage({
      at,
      agents: 100,
      leads: 40_000,
      customer: busy,
      callsPerSecond: 1_000,
    });
    try {
      await stage.signIn();
      await stage.begin();
      await pause(3_000);
      const before = { ended: await endedCalls(stage), cpu: process.cpuUsage(), at: performance.now() };
      await pause(seconds * 1000);
      const took = (performance.now() - before.at) / 1000;
      const cpu = process.cpuUsage(before.cpu);
      const rate = ((await endedCalls(stage)) - before.ended) / took;
      const load = (cpu.user + cpu.system) / 1e6 / took;
      console.log(
        `calls through one dialer process   ${rate.toFixed(0)} a second (${(load * 100).toFixed(0)} % of a core)`,
      );
      console.log(`bare HTTP loop to that simulator   ${bare.toFixed(0)} requests a second`);
    } finally {
      await stage.close();
    }
  });
}

async function endedCalls({ app }: { app: { db: { knex: import('knex').Knex } } }): Promise<number> {
  const row = (await app.db.knex('calls').where({ state: 'ended' }).count({ n: '*' }).first()) as {
    n: number;
  };
  return Number(row.n);
}

async function answerToAgent(name: string, at: Switch, perSecond: number, seconds: number): Promise<void> {
  const dialled = (n: number) =>
    `PJSIP/+1415555${String(n % 100).padStart(2, '0')}${talksThreeSeconds}@trunk-1`;
  const stage = await prepareStage({
    at,
    agents: Math.ceil(perSecond * 4.5),
    leads: perSecond * (seconds + 20),
    customer: talksThreeSeconds,
    callsPerSecond: perSecond,
    campaign: { powerRatio: 1 },
  });
  try {
    await stage.signIn();
    const http = await bareHttp(at.access, 2);
    const bare = await bareJoin(at.access, dialled, perSecond, 5);
    await stage.begin();
    await pause(5_000);
    const from = stage.app.clock.now();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await pause(seconds * 1000);
    delay.disable();
    const rows: { answered_at: number; connected_at: number | null; outcome: string | null }[] =
      await stage.app.db
        .knex('calls')
        .where('answered_at', '>=', from)
        .select('answered_at', 'connected_at', 'outcome');
    const joined = rows.flatMap((row) =>
      row.connected_at === null ? [] : row.connected_at - row.answered_at,
    );
    const abandoned = rows.filter((row) => row.outcome === 'abandoned').length;
    const show = (values: readonly number[]) =>
      `p50 ${quantile(values, 0.5).toFixed(1)} ms  p99 ${quantile(values, 0.99).toFixed(1)} ms`;
    console.log(
      `${name}, ${(rows.length / seconds).toFixed(1)} answers a second: answer to agent  ${show(joined)}  (${joined.length} calls, ${abandoned} abandoned)`,
    );
    const ms = (part: number) => (delay.percentile(part) / 1e6).toFixed(1);
    console.log(`${name}, turn of the dialer's event loop:          p50 ${ms(50)} ms  p99 ${ms(99)} ms`);
    console.log(`${name}, the one ARI request alone:              ${show(bare)}`);
    console.log(`${name}, bare HTTP loop: ${http.toFixed(0)} requests a second`);
    if (rows.length < 0.9 * perSecond * seconds)
      console.log(
        `FEWER THAN THE ${perSecond} ANSWERS A SECOND ASKED FOR: this run measures something else.`,
      );
  } finally {
    await stage.close();
  }
}
