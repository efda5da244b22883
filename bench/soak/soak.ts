import { Writable } from 'node:stream';
import { createLog } from '../../core/log/log.ts';
import { seededRandom } from '../../dialer/telephony/simulator/random.ts';
import { readBooks, type Check } from './books.ts';
import { checkCalls } from './call-checks.ts';
import { Crew } from './crew.ts';
import { checkFigures } from './figure-checks.ts';
import { checkFlat } from './flat.ts';
import { openHouse, type House } from './house.ts';
import { Incidents } from './incidents.ts';
import { measure, type Measure } from './measures.ts';
import { Supervisors } from './supervisors.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A Monday, on which everybody works somewhere. */
const monday = Date.UTC(2026, 10, 23);

export interface SoakOptions {
  readonly hours: number;
  readonly leads: number;
  readonly seed?: number;
  /** Only the campaigns whose name matches. */
  readonly only?: RegExp;
  /** Hour of the day (UTC) it begins at. */
  readonly from?: number;
  /** How often is measured. */
  readonly everyMs?: number;
  /** What the heap may grow by from the second quarter to the last. */
  readonly heapBoundMb?: number;
  readonly tell?: (line: string) => void;
  /** Everybody goes home before the time is over, and what there is by then is checked. */
  readonly isEnough?: () => boolean;
  /** To put a fault in. */
  readonly opened?: (house: House) => void;
}

export interface SoakResult {
  readonly measures: readonly Measure[];
  readonly checks: readonly Check[];
}

export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { hours, leads, only, seed = 1, from = 0, everyMs = hourMs, heapBoundMb = 4 } = options;
  const { tell = () => {}, isEnough = () => false } = options;
  const said = new Map<string, number>();
  const startAt = monday + from * hourMs;
  const house = await openHouse({ log: listeningLog(said), startAt, leads, ...(only && { only }) });
  const { clock, time } = house;
  try {
    options.opened?.(house);
    const crew = new Crew(house);
    const incidents = new Incidents(house, seededRandom(seed));
    const supervisors = new Supervisors(house);
    const measures: Measure[] = [];
    // What a page takes once is taken before anything is measured.
    await supervisors.come();
    supervisors.leave();
    const end = clock.now() + hours * hourMs;
    const began = performance.now();
    tell(titles);
    for (let next = clock.now() + everyMs; clock.now() < end && !isEnough();) {
      await crew.look(clock.now());
      await incidents.look(clock.now());
      await supervisors.look(clock.now());
      await time.pass(minuteMs);
      if (clock.now() < next) continue;
      next += everyMs;
      measures.push(await measure(house));
      tell(lineOf(measures.at(-1)!));
    }
    crew.close();
    supervisors.leave();
    for (let minute = 0; minute < 10; minute += 1) {
      await crew.look(clock.now());
      await time.pass(minuteMs);
    }
    await crew.gone();
    const last = await measure(house);
    tell(`${lineOf(last)}  (all have gone home)`);
    const books = await readBooks(house.product.app.db.knex);
    const checks = [
      ...(await checkCalls(books)),
      ...(await checkFigures(house, books)),
      ...checkFlat(house, measures, last, heapBoundMb),
      { name: 'nothing was logged as an error', of: said.size, wrong: [...said].map(([what, n]) => `${n} × ${what}`) }, // prettier-ignore
    ];
    tell(
      `\n${last.calls} calls in ${((last.at - startAt) / hourMs).toFixed(1)} h, in ${((performance.now() - began) / 60_000).toFixed(1)} min`,
    );
    tell(`supervisors: ${JSON.stringify(supervisors.seen)}\nincidents: ${JSON.stringify(incidents.done)}\n`);
    for (const { name, of, wrong } of checks) {
      tell(`${wrong.length === 0 ? 'holds ' : 'FAILS '} ${name} (${of})`);
      for (const line of wrong.slice(0, 8)) tell(`         ${line}`);
      if (wrong.length > 8) tell(`         and ${wrong.length - 8} more`);
    }
    return { measures, checks };
  } finally {
    await house.close();
  }
}

const columns = ['live calls', 'hopper', 'leads held', 'agent sessions', 'jobs to do', 'given dispositions', 'opt-outs', 'drafts', 'sign-ins', 'recordings under way', 'channels of the switch'] as const; // prettier-ignore
const titles = ['hour', 'calls', 'heap MB', 'RSS MB', 'timers', ...columns, 'kept for a while'].join(' | ');

function lineOf({ at, calls, heapMb, rssMb, timers, rows, kept }: Measure): string {
  const hour = ((at - monday) / hourMs).toFixed(1);
  const told = columns.map((name) => rows[name]);
  return [hour, calls, heapMb.toFixed(1), rssMb.toFixed(0), timers, ...told, JSON.stringify(kept)].join(
    ' | ',
  );
}

/** Counts errors by what they say; what is less goes unheard, as faults are put in on purpose. */
function listeningLog(said: Map<string, number>) {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const { msg, err, error } = JSON.parse(chunk.toString()) as Record<string, { message?: string }>;
      const what = `${String(msg)}: ${err?.message ?? String(error ?? '')}`.slice(0, 200);
      said.set(what, (said.get(what) ?? 0) + 1);
      done();
    },
  });
  return createLog('error', sink);
}
