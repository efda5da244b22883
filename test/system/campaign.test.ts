import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setPriority } from 'node:os';
import { after, before, describe, it } from 'mocha';
import { createDncStore } from '../../campaigns/dnc/index.ts';
import { loudness, readWav } from '../../dialer/telephony/audio/wav.ts';
import { espeak } from '../../dialer/telephony/speech.ts';
import { asteriskObstacle } from '../support/asterisk.ts';
import { allowAbandoning } from '../support/allow-abandoning.ts';
import { hasChromium } from '../support/browser.ts';
import { RefusingCarrier, SippCarrier } from '../support/sipp/sipp.ts';
import { envelopeOf, likeness } from '../support/sipp/sound.ts';
import { skip } from '../support/skip.ts';
import { heardInPage } from './support/ears.ts';
import { expected, type Rig, openOffice, lastTwo, dialEverybody, outcomesOf } from './support/everybody.ts';
import { until } from './support/office.ts';
import { closedPlace, openPlace } from './support/places.ts';
import type { SeenCall } from './support/worker.ts';

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
    // Browsers and customers stand on machines of their own elsewhere, and must not take the time of the product here.
    favourThisProcess();
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
    // From the moment at which a person is on the line: answered, and heard to be none where detection listens.
    const events: { call_id: string; at: number }[] = await rig.system.product.app.db
      .knex('call_events')
      .whereIn('event', ['answer', 'human']);
    const thereAt = new Map(events.map(({ call_id, at }) => [call_id, Number(at)]));
    const took: { inAll: number; joined: number; asked: number; answered: number }[] = [];
    for (const { person, browser } of rig.agents) {
      const seen: SeenCall[] = await browser.page.evaluate('window.seenCalls');
      const own = calls.filter((call) => call.user_id === person.id);
      assert.deepEqual(seen.map((one) => one.callId).sort(), own.map((call) => call.id).sort());
      for (const call of own) {
        const { askedAt, answeredAt, poppedAt } = seen.find((one) => one.callId === call.id)!;
        const from = thereAt.get(call.id)!;
        took.push({
          inAll: poppedAt - from,
          joined: Number(call.connected_at) - from,
          asked: askedAt - from,
          answered: answeredAt - from,
        });
      }
      assert.deepEqual(browser.trouble, []);
    }
    // When the legs were joined, when the page asked for the card and had it: where the time went, if it was too much.
    assert.ok(
      took.every(({ inAll }) => inAll < 500),
      `ms after a person was on the line: ${JSON.stringify(took)}`,
    );
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

  it('carries voice both ways: the customer hears the agent, the agent hears the customer', async () => {
    const here = openPlace(rig.system.product.app.clock.now());
    const heard = carrier.heardBy(`00${here.prefix.slice(1)}01`)[0];
    assert.ok(heard, 'no call to 01');
    // 4 s of talk at 50 packets a second, less the setting up.
    assert.ok(heard.packets > 100, `the customer got ${heard.packets} packets of the agent's voice`);
    assert.ok(heard.loudness > 0.005, `the agent's voice is ${heard.loudness} loud`);

    const call = (await rig.firm.callsOf(campaign)).find(({ e164 }) => e164.endsWith('01'))!;
    const { page } = rig.agents.find(({ person }) => person.id === call.user_id)!.browser;
    const inBrowser = await heardInPage(page, Number(call.connected_at), Number(call.ended_at));
    assert.ok(
      inBrowser.packets > 100,
      `the browser got ${inBrowser.packets} packets of the customer's voice`,
    );
    assert.ok(
      inBrowser.loudness > 0.005,
      `the customer's voice is ${inBrowser.loudness} loud in the browser`,
    );
    // Nobody is heard by an agent who is in no call: the loudness above is the customer's.
    const everyCall = (await rig.firm.callsOf(campaign)).filter(({ user_id }) => user_id === call.user_id);
    const firstAt = Math.min(...everyCall.map(({ connected_at }) => Number(connected_at)));
    const alone = await heardInPage(page, firstAt - 1_000, firstAt - 200);
    assert.ok(alone.loudness < inBrowser.loudness / 10, `${alone.loudness} is heard before the first call`);
  });

  it('records the customer: with the agent muted, there is still a voice', async () => {
    const { app } = rig.system.product;
    const here = openPlace(app.clock.now());
    const e164 = `${here.prefix}81`;
    const [ada] = rig.agents;
    // The customer speaks from 3.1 s to 5.1 s after the answer.
    Object.assign(ada!.worker, { talkMs: 6_000, muted: true });
    const list = await rig.firm.list('Muted', [{ e164, region: here.region }]);
    const id = await rig.firm.campaign(
      { name: 'Muted', mode: 'progressive', trunkIds: [trunk], agentIds: [ada!.person.id] },
      [list],
    );
    await rig.firm.start(id);
    const dialled = `00${e164.slice(1)}`;
    const audible = () => carrier.heardBy(dialled)[0]?.audibleMs ?? 0;
    const { page } = ada!.browser;
    await until('the agent is muted', () => page.locator('[data-bind="mute"][aria-pressed="true"]').count());
    const before = await new Promise<number>((resolve) => setTimeout(() => resolve(audible()), 500));
    const call = await until('the call is over', async () =>
      (await rig.firm.callsOf(id)).find((one) => one.state === 'ended'),
    );
    Object.assign(ada!.worker, { talkMs: 4_000, muted: false });
    await rig.firm.stop(id);
    assert.ok(audible() - before < 100, `the customer heard ${audible() - before} ms of a muted agent`);
    const recording = await until('the recording is stored', () =>
      app.db.knex('recordings').where({ call_id: call.id, state: 'stored' }).first(),
    );
    const { samples, sampleRate } = readWav(readFileSync(join(app.config.dataDir, recording.path)));
    const muted = samples.subarray(samples.length - 4 * sampleRate);
    assert.ok(loudness(muted) > 0.005, `the customer's voice is recorded ${loudness(muted)} loud`);
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

  it('tells customers who meet no agent its own message, takes their opt-out, and counts them', async () => {
    const { app } = rig.system.product;
    const here = openPlace(app.clock.now());
    const optsOut = `${here.prefix}13`;
    const numbers = [`${here.prefix}41`, `${here.prefix}51`, `${here.prefix}61`, optsOut];
    const list = await rig.firm.list(
      'Nobody free',
      numbers.map((e164) => ({ e164, region: here.region })),
    );
    for (const { worker } of rig.agents) worker.talkMs = 9_000;
    const words =
      'Good day. The Aurora library rang you about a book that you have kept since spring. To be called no more, press nine.';
    await allowAbandoning(app);
    // Four lines for two agents, both of whom talk for longer than the grace.
    const id = await rig.firm.campaign(
      {
        name: 'Nobody free',
        mode: 'power',
        powerRatio: 2,
        maxLinesPerAgent: 2,
        abandonCap: 1,
        identification: { words: { en: words }, optOutDigit: '9' },
        trunkIds: [trunk],
        agentIds: rig.agents.map((a) => a.person.id),
      },
      [list],
    );
    await rig.firm.start(id);
    const abandoned = await until(
      'two calls were abandoned',
      async () => {
        const calls = (await rig.firm.callsOf(id)).filter((call) => call.outcome === 'abandoned');
        return calls.length === 2 && calls;
      },
      60_000,
    );
    await rig.firm.stop(id);
    for (const { worker } of rig.agents) worker.talkMs = 4_000;

    const listener = abandoned.find(({ e164 }) => e164 !== optsOut)!;
    const [heard] = carrier.heardBy(`00${listener.e164.slice(1)}`);
    const own = envelopeOf(readWav(await espeak().speak(words, 'en')).samples);
    const standardFile = join(rig.system.asterisk!.instance.soundsFolder, 'identification-en.wav');
    const standard = envelopeOf(readWav(readFileSync(standardFile)).samples);
    const like = { own: likeness(heard!.envelope, own), standard: likeness(heard!.envelope, standard) };
    assert.ok(like.own > 0.9 && like.standard < 0.6, JSON.stringify(like));

    const pressed = abandoned.find(({ e164 }) => e164 === optsOut);
    assert.equal(pressed?.ended_by, 'customer', 'the digit ended the call');
    const entry = await until('the number is on the DNC list', () =>
      app.db.knex('dnc_numbers').where({ e164: optsOut }).first(),
    );
    assert.deepEqual([entry.reason, entry.source], ['opt-out', 'customer']);

    const manager = await rig.system.page('mira', `/campaigns/${id}/dashboard`);
    await manager.locator('[data-bind="window"]', { hasText: /[1-9]\d* \/ \d/ }).waitFor({ timeout: 10_000 });
  });

  it('lets lines that ring when it is stopped ring on, and brings who answers to an agent', async () => {
    const here = openPlace(rig.system.product.app.clock.now());
    const numbers = ['02', '04'].map((digits) => ({ e164: here.prefix + digits, region: here.region }));
    const list = await rig.firm.list('Stopped', [
      ...numbers,
      { e164: `${here.prefix}91`, region: here.region },
    ]);
    const id = await rig.firm.campaign(
      {
        name: 'Stopped',
        mode: 'progressive',
        trunkIds: [trunk],
        agentIds: rig.agents.map((a) => a.person.id),
      },
      [list],
    );
    await rig.firm.start(id);
    await until('two lines ring', async () => {
      const calls = await rig.firm.callsOf(id);
      return calls.length === 2 && calls.every(({ state }) => state === 'ringing');
    });
    await rig.firm.stop(id);
    const calls = await until('both are over', async () => {
      const found = await rig.firm.callsOf(id);
      return found.every(({ state }) => state === 'ended') && found;
    });
    const of = (digits: string) => calls.find(({ e164 }) => e164.endsWith(digits))!;
    assert.deepEqual(calls.map(({ e164 }) => lastTwo(e164)).sort(), ['02', '04'], 'nobody else is called');
    assert.equal(of('02').outcome, 'answered');
    assert.ok(of('02').user_id, 'an agent talked');
    assert.equal(of('04').outcome, 'no-answer');
    const rang = Number(of('04').ended_at) - Number(of('04').ringing_at);
    assert.ok(rang > 14_000, `it rang ${rang} ms of its 15 s`);
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

/** Only root may; elsewhere it stays as it is. */
function favourThisProcess(): void {
  try {
    setPriority(-15);
  } catch {
    // A slow answer of a busy machine is then what the test says it is.
  }
}
