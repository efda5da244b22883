import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createCampaignStore } from '../../campaigns/index.ts';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { asteriskObstacle } from '../support/asterisk.ts';
import { hasChromium } from '../support/browser.ts';
import { RefusingCarrier, SippCarrier } from '../support/sipp/sipp.ts';
import { skip } from '../support/skip.ts';
import { office, until, type Person } from './support/office.ts';
import { closedPlace, openPlace } from './support/places.ts';
import { startSystem, type AgentBrowser, type System } from './support/system.ts';
import { Worker } from './support/worker.ts';

/** What a campaign has to make of each kind of customer; see dialer/telephony/customers.ts. */
const expected: Record<string, string> = {
  '01': 'answered',
  '02': 'answered',
  '03': 'answered',
  '04': 'no-answer',
  '05': 'busy',
  '06': 'unallocated',
  '07': 'congestion',
  '08': 'answered',
  '10': 'machine',
  '11': 'answered',
};

interface Rig {
  system: System;
  firm: ReturnType<typeof office>;
  agents: { person: Person; browser: AgentBrowser; worker: Worker }[];
}

async function openOffice(on: 'asterisk' | 'simulator'): Promise<Rig> {
  const system = await startSystem(on);
  const firm = office(system.product.app);
  const agents = [];
  for (const [index, username] of ['ada', 'bo'].entries()) {
    const person = await firm.user(username, 'agent');
    const browser = await system.agent(username);
    // Long enough to be recorded; the customer of 03 ends the call after 3 s.
    const worker = new Worker(browser, { talkMs: 4_000, disposition: index === 0 ? '4' : '5' });
    await worker.signIn();
    agents.push({ person, browser, worker });
  }
  return { system, firm, agents };
}

const lastTwo = (e164: string) => e164.slice(-2);

/** Dials one customer of each kind and waits for the end of every call. */
async function dialEverybody(rig: Rig, trunkIds: number[]): Promise<number> {
  const { firm, agents, system } = rig;
  const here = openPlace(system.product.app.clock.now());
  const people = Object.keys(expected).map((digits) => ({ e164: here.prefix + digits, region: here.region }));
  const list = await firm.list('Everybody', people);
  const rules = Object.fromEntries(
    [...new Set([...Object.values(expected), 'abandoned', 'rejected', 'failed', 'cancelled'])].map(
      (outcome) => [outcome, { attempts: 1, delayMinutes: 0 }],
    ),
  );
  const id = await firm.campaign(
    {
      name: 'Everybody',
      mode: 'progressive',
      amd: true,
      trunkIds,
      agentIds: agents.map(({ person }) => person.id),
      retryRules: rules as never,
      ringTimeoutMs: 15_000,
    },
    [list],
  );
  await firm.start(id);
  for (const { worker } of agents) worker.start();
  await until(
    'every customer was called, and every call is over',
    async () => {
      const calls = await firm.callsOf(id);
      const done = new Set(calls.filter((call) => call.state === 'ended').map((call) => lastTwo(call.e164)));
      return Object.keys(expected).every((digits) => done.has(digits));
    },
    150_000,
  );
  await firm.stop(id);
  return id;
}

async function outcomesOf({ firm }: Rig, campaignId: number): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const call of await firm.callsOf(campaignId)) outcomes[lastTwo(call.e164)] ??= String(call.outcome);
  return outcomes;
}

describe('a campaign on a real Asterisk, with SIPp customers and agents in Chromium', function () {
  this.timeout(240_000);
  this.retries(0);
  let rig: Rig;
  let carrier: SippCarrier;
  let refusing: RefusingCarrier;
  let trunk: number;
  let refusingTrunk: number;
  let campaign: number;

  before(async function () {
    this.timeout(300_000);
    if (!hasChromium) skip(this, 'Chromium is not installed');
    const why = await asteriskObstacle();
    if (why) skip(this, why);
    rig = await openOffice('asterisk');
    carrier = await SippCarrier.start(rig.system.root);
    refusing = await RefusingCarrier.start(rig.system.root);
    const prefixRules = [{ match: '+', strip: 1, add: '00' }];
    trunk = await rig.firm.trunk('Carrier', carrier.port, { prefixRules });
    refusingTrunk = await rig.firm.trunk('Out of order', refusing.port, { prefixRules });
    campaign = await dialEverybody(rig, [trunk]);
  });
  after(async () => {
    for (const { worker } of rig?.agents ?? []) await worker.stop().catch(() => {});
    await rig?.system.close();
    await carrier?.close();
    await refusing?.close();
  });

  it('gives every call the outcome that its customer stands for', async () => {
    assert.deepEqual(await outcomesOf(rig, campaign), expected);
  });

  it('shows the customer in the browser of the agent who talks, and in no other, within 500 ms', async () => {
    const calls = (await rig.firm.callsOf(campaign)).filter((call) => call.connected_at !== null);
    assert.ok(calls.length >= 5);
    const took: number[] = [];
    for (const { person, browser } of rig.agents) {
      const seen: { callId: string; poppedAt: number }[] = await browser.page.evaluate('window.seenCalls');
      const own = calls.filter((call) => call.user_id === person.id);
      assert.deepEqual(seen.map((one) => one.callId).sort(), own.map((call) => call.id).sort());
      for (const call of own)
        took.push(seen.find((one) => one.callId === call.id)!.poppedAt - Number(call.connected_at));
      assert.deepEqual(browser.trouble, []);
    }
    // The middle one: a single hiccup of a machine shared by browsers, switch and customers is not the product's.
    took.sort((a, b) => a - b);
    const median = took[Math.floor(took.length / 2)]!;
    assert.ok(median < 500, `the cards came after ${took.join(', ')} ms`);
  });

  it('keeps the disposition that the agent gave', async () => {
    const codes = await rig.system.product.app.db
      .knex('calls')
      .join('dispositions', 'dispositions.id', 'calls.disposition_id')
      .where('calls.campaign_id', campaign)
      .select('calls.user_id', 'dispositions.hotkey');
    const byAgent = new Map(rig.agents.map(({ person }, index) => [person.id, index === 0 ? '4' : '5']));
    assert.ok(codes.length >= 4);
    for (const row of codes) assert.equal(row.hotkey, byAgent.get(row.user_id));
  });

  it('dials with the configured caller ID and prefix', () => {
    const here = openPlace(rig.system.product.app.clock.now());
    const invites = carrier.invites();
    assert.ok(invites.length >= Object.keys(expected).length);
    for (const invite of invites) {
      assert.ok(invite.dialled.startsWith(`00${here.prefix.slice(1)}`), invite.dialled);
      assert.equal(invite.caller, '+12125550199');
    }
  });

  it('carries voice both ways', async () => {
    const here = openPlace(rig.system.product.app.clock.now());
    const heard = carrier.heardBy(`00${here.prefix.slice(1)}01`)[0];
    assert.ok(heard, 'no call to 01');
    // 4 s of talk at 50 packets a second, less the setting up.
    assert.ok(heard.packets > 100, `the customer got ${heard.packets} packets of the agent's voice`);
    assert.ok(heard.loudness > 0.005, `the agent's voice is ${heard.loudness} loud`);
  });

  it('records every bridged call, with voice in it, and plays it in the browser', async () => {
    const { app } = rig.system.product;
    const connected = (await rig.firm.callsOf(campaign)).filter((call) => call.connected_at !== null);
    const stored = await until(
      'all recordings are stored',
      async () => {
        const rows: { id: number; call_id: string; state: string }[] = await app.db
          .knex('recordings')
          .whereIn(
            'call_id',
            connected.map((call) => call.id),
          );
        return rows.length === connected.length && rows.every((row) => row.state === 'stored') && rows;
      },
      30_000,
    );
    await rig.firm.user('mira', 'manager');
    const page = await rig.system.page('mira', '/recordings');
    const call01 = connected.find((call) => call.e164.endsWith('01'))!;
    const recording = stored.find((row) => row.call_id === call01.id)!;
    const sound = await page.evaluate(`(async () => {
      const response = await fetch('/recordings/${recording.id}/audio');
      const bytes = await response.arrayBuffer();
      const decoded = await new AudioContext().decodeAudioData(bytes);
      const samples = decoded.getChannelData(0);
      let squares = 0;
      for (const sample of samples) squares += sample * sample;
      const element = new Audio('/recordings/${recording.id}/audio');
      element.muted = true;
      await element.play();
      await new Promise((resolve) => element.addEventListener('timeupdate', resolve, { once: true }));
      return { status: response.status, seconds: decoded.duration, loudness: Math.sqrt(squares / samples.length) };
    })()`);
    const { status, seconds, loudness } = sound as { status: number; seconds: number; loudness: number };
    assert.equal(status, 200);
    assert.ok(seconds > 2, `${seconds} s recorded`);
    assert.ok(loudness > 0.005, `recorded at a loudness of ${loudness}`);
  });

  it('never sends an INVITE for a number on the DNC list or one outside its hours', async () => {
    const { app } = rig.system.product;
    const now = app.clock.now();
    const [here, asleep] = [openPlace(now), closedPlace(now)];
    const refused = `${here.prefix}21`;
    const sleeping = `${asleep.prefix}22`;
    const allowed = `${here.prefix}06`;
    await createDncStore(app).add({
      e164: refused,
      campaignId: null,
      reason: 'asked',
      source: 'page',
      by: null,
      at: now,
    });
    const list = await rig.firm.list('With some not to call', [
      { e164: refused, region: here.region },
      { e164: sleeping, region: asleep.region },
      { e164: allowed, region: here.region },
    ]);
    const id = await rig.firm.campaign(
      { name: 'Law', mode: 'progressive', trunkIds: [trunk], agentIds: rig.agents.map((a) => a.person.id) },
      [list],
    );
    await rig.firm.start(id);
    await until('the one who may be called is called', async () => (await rig.firm.callsOf(id)).length > 0);
    const verdict = (e164: string) =>
      app.db.knex('gate_verdicts').where({ campaign_id: id, e164, decision: 'block' }).first();
    const dnc = await until('the gate has refused the DNC number', () => verdict(refused));
    const hours = await until('the gate has refused the sleeping number', () => verdict(sleeping));
    assert.equal(dnc.reason_code, 'DNC_INTERNAL');
    assert.match(hours.reason_code, /^(TIME_|DAY_|HOLIDAY_)/);
    await rig.firm.stop(id);
    const dialled = carrier.invites().map((invite) => invite.dialled);
    assert.ok(dialled.some((number) => number.endsWith(allowed.slice(1))));
    for (const number of [refused, sleeping])
      assert.ok(!dialled.some((one) => one.endsWith(number.slice(1))), `${number} was dialled`);
  });

  it('sends a refused call to the second trunk (fault: a trunk answers 503)', async () => {
    const here = openPlace(rig.system.product.app.clock.now());
    const list = await rig.firm.list('Second trunk', [{ e164: `${here.prefix}31`, region: here.region }]);
    const id = await rig.firm.campaign(
      {
        name: 'Second trunk',
        mode: 'progressive',
        trunkIds: [refusingTrunk, trunk],
        agentIds: rig.agents.map((a) => a.person.id),
      },
      [list],
    );
    await rig.firm.start(id);
    const call = await until('the call is over', async () =>
      (await rig.firm.callsOf(id)).find((one) => one.state === 'ended'),
    );
    await rig.firm.stop(id);
    assert.equal(call.outcome, 'answered');
    assert.equal(call.trunk_id, trunk);
    assert.equal(refusing.invites().filter((invite) => invite.dialled.endsWith('31')).length, 1);
    assert.equal((await rig.firm.callsOf(id)).length, 1, 'it is one attempt');
  });

  it('plays the message to a customer who meets no agent, and counts the call as abandoned', async () => {
    const { app } = rig.system.product;
    const here = openPlace(app.clock.now());
    const list = await rig.firm.list('Nobody free', [
      { e164: `${here.prefix}41`, region: here.region },
      { e164: `${here.prefix}51`, region: here.region },
      { e164: `${here.prefix}61`, region: here.region },
      { e164: `${here.prefix}71`, region: here.region },
    ]);
    // Four lines for two agents, both of whom talk for longer than the grace.
    const id = await rig.firm.campaign(
      {
        name: 'Nobody free',
        mode: 'power',
        powerRatio: 2,
        maxLinesPerAgent: 2,
        abandonCap: 1,
        trunkIds: [trunk],
        agentIds: rig.agents.map((a) => a.person.id),
      },
      [list],
    );
    await rig.firm.start(id);
    const abandoned = await until(
      'a call was abandoned',
      async () => (await rig.firm.callsOf(id)).find((call) => call.outcome === 'abandoned'),
      60_000,
    );
    await rig.firm.stop(id);
    const [heard] = carrier.heardBy(`00${abandoned.e164.slice(1)}`);
    assert.ok(heard && heard.audibleMs > 1_500, `heard ${heard?.audibleMs} ms of the message`);
    const manager = await rig.system.page('mira', `/campaigns/${id}/dashboard`);
    await manager.locator('[data-bind="window"]', { hasText: /[1-9]\d* \/ \d/ }).waitFor({ timeout: 10_000 });
    assert.ok(await createCampaignStore(app).get(id));
  });

  it('ends with the same kinds of outcomes on the simulator', async () => {
    for (const { worker } of rig.agents) await worker.stop();
    const simulated = await openOffice('simulator');
    try {
      const simulator = simulated.system.product.simulator!;
      simulator.setBehaviour('by-number');
      const only = await simulated.firm.trunk('Simulated', 5060);
      const id = await dialEverybody(simulated, [only]);
      assert.deepEqual(await outcomesOf(simulated, id), await outcomesOf(rig, campaign));
    } finally {
      for (const { worker } of simulated.agents) await worker.stop().catch(() => {});
      await simulated.system.close();
    }
  });
});
