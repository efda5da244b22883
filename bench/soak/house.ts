import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../core/clock/manual-clock.ts';
import type { Logger } from '../../core/log/log.ts';
import type { Simulator } from '../../dialer/telephony/index.ts';
import { startProduct, type Product } from '../../bin/product.ts';
import { testConfig } from '../../test/support/app.ts';
import { office } from '../../test/system/support/office.ts';
import { FastTime } from './fast-time.ts';
import { lands, type Land } from './lands.ts';

export interface Shift {
  readonly campaignId: number;
  readonly userIds: readonly number[];
  /** Hours (UTC). */
  readonly from: number;
  readonly to: number;
}

export interface House {
  readonly product: Product;
  readonly simulator: Simulator;
  readonly clock: ManualClock;
  readonly time: FastTime;
  readonly shifts: readonly Shift[];
  readonly trunkIds: readonly number[];
  readonly supervisor: string;
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly log: Logger;
  readonly startAt: number;
  /** Of each campaign. */
  readonly leads: number;
  /** Only the campaigns whose name contains this. */
  readonly only?: RegExp;
}

/** The whole product in one process, on a clock that is moved: people, trunks, and a campaign for each land. */
export async function openHouse({ log, startAt, leads, only = /./ }: HouseOptions): Promise<House> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringwise-soak-'));
  const clock = new ManualClock(startAt);
  const product = await startProduct({
    ...{ config: testConfig(dataDir), log, roles: ['web', 'worker', 'dialer'], clock },
  });
  const simulator = product.simulator!;
  let queries = 0;
  product.app.db.knex.on('query', () => (queries += 1));
  const time = new FastTime(clock, () => queries + simulator.stats().requests);
  const made = office(product.app);
  const supervisor = (await made.user('supervisor', 'manager')).username;
  const lines = { channels: 60, callsPerSecond: 10 };
  const trunkIds = [
    await made.trunk('First', 5060, lines),
    await made.trunk('Second', 5062, { ...lines, weight: 2 }),
  ];
  const shifts: Shift[] = [];
  const byCountry = new Map<string, number[]>();
  for (const land of lands.filter(({ name }) => only.test(name))) {
    const userIds: number[] = [];
    for (let n = 0; n < land.agents; n += 1)
      userIds.push((await made.user(`agent${shifts.length}${n}`, 'agent')).id);
    // Who works for one campaign of a country helps out on those that come after it.
    const agentIds = [...(byCountry.get(land.country) ?? []), ...userIds];
    byCountry.set(land.country, agentIds);
    const campaignId = await openCampaign(made, land, { leads, trunkIds, agentIds });
    const [from, to] = land.shift;
    shifts.push({ campaignId, userIds, from, to });
  }
  return {
    ...{ product, simulator, clock, time, shifts, trunkIds, supervisor },
    async close() {
      await product.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function openCampaign(
  made: ReturnType<typeof office>,
  { name, region, zone, country, number, draft }: Land,
  { leads, trunkIds, agentIds }: { leads: number; trunkIds: number[]; agentIds: number[] },
): Promise<number> {
  const people = Array.from({ length: leads }, (_, n) => ({ e164: number(n), region }));
  const listId = await made.list(name, people);
  const terms = {
    name,
    zone,
    defaultCountry: country,
    trunkIds,
    sharedTrunkIds: trunkIds.slice(1),
    agentIds,
  };
  const campaignId = await made.campaign({ ...terms, ...draft }, [listId]);
  await made.start(campaignId);
  return campaignId;
}
