import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { loudness, readWav } from '../../dialer/telephony/audio/wav.ts';
import { asteriskObstacle } from '../support/asterisk.ts';
import { hasChromium } from '../support/browser.ts';
import { SippCarrier } from '../support/sipp/sipp.ts';
import { skip } from '../support/skip.ts';
import { openOffice, type Rig } from './support/everybody.ts';
import { until } from './support/office.ts';
import { openPlace } from './support/places.ts';

describe('park, hold and transfer on a real Asterisk, with a SIPp customer and two agents in Chromium', function () {
  this.timeout(120_000);
  this.retries(0);
  let rig: Rig;
  let carrier: SippCarrier;
  let dialled: string;
  let callId: string;

  before(async function () {
    this.timeout(300_000);
    if (!hasChromium) skip(this, 'Chromium is not installed');
    const why = await asteriskObstacle();
    if (why) skip(this, why);
    rig = await openOffice('asterisk');
    const { system, firm, agents } = rig;
    carrier = await SippCarrier.start(system.root);
    const trunk = await firm.trunk('Carrier', carrier.port, {
      prefixRules: [{ match: '+', strip: 1, add: '00' }],
    });
    const here = openPlace(system.product.app.clock.now());
    const e164 = `${here.prefix}01`;
    dialled = `00${e164.slice(1)}`;
    const list = await firm.list('One', [{ e164, region: here.region }]);
    const agentIds = agents.map(({ person }) => person.id);
    const id = await firm.campaign(
      { name: 'One', mode: 'progressive', trunkIds: [trunk], agentIds, wrapupLimitMs: 600_000 },
      [list],
    );
    await firm.start(id);
    await press(0, 'r');
    await word(0, 'on-call', 60_000);
    callId = (await firm.callsOf(id))[0]!.id;
    await press(1, 'r');
    await word(1, 'ready');
  });
  after(async () => {
    await rig?.system.close();
    await carrier?.close();
  });

  const page = (n: number) => rig.agents[n]!.browser.page;
  const press = (n: number, key: string) => page(n).keyboard.press(key);
  const word = (n: number, name: string, timeout = 20_000) => rig.agents[n]!.worker.word(name, timeout);
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  /** For how long the customer has heard something within `ms` from now. */
  const heardWithin = async (ms: number): Promise<number> => {
    const audible = () => carrier.heardBy(dialled)[0]?.audibleMs ?? 0;
    const before = audible();
    await pause(ms);
    return audible() - before;
  };

  it('plays music to a customer who is parked, until the second agent takes them up; and gives them back so', async () => {
    await press(0, 'g');
    await word(0, 'paused');
    await pause(1_000);
    const music = await heardWithin(4_000);
    assert.ok(music > 1_000, `${music} ms of music are heard in 4 s`);
    await page(1).locator('.ws-parked-row', { hasText: 'Parked 1' }).waitFor();
    await press(1, 'u');
    await word(1, 'on-call');
    await word(0, 'paused');
    await pause(1_000);
    // The browser's invented microphone beeps once a second.
    const voice = await heardWithin(4_000);
    assert.ok(voice > 200 && voice < music, `${voice} ms of the second agent's voice are heard in 4 s`);
    await page(1).locator('[data-do="next"]:not([data-settling])').waitFor();
    await press(1, 'g');
    await word(1, 'paused');
    await pause(1_000);
    assert.ok((await heardWithin(4_000)) > 1_000, 'music again');
    await page(0).locator('.ws-parked-row kbd', { hasText: 'U' }).waitFor();
    await press(0, 'u');
    await word(0, 'on-call');
    await press(1, 'r');
    await word(1, 'ready');
  });

  it('plays music to a customer on hold, whose agent is muted, and none before or after', async () => {
    await press(0, 'm');
    await page(0).locator('[data-bind="mute"][aria-pressed="true"]').waitFor();
    await pause(1_000);
    const silent = await heardWithin(2_000);
    assert.ok(silent < 300, `${silent} ms are heard of a muted agent`);
    await press(0, 'o');
    await word(0, 'on-hold');
    await pause(1_000);
    const music = await heardWithin(4_000);
    assert.ok(music > 1_000, `${music} ms of music are heard in 4 s`);
    await press(0, 'o');
    await word(0, 'on-call');
    await pause(1_000);
    const after = await heardWithin(2_000);
    assert.ok(after < 300, `${after} ms are heard after the hold`);
  });

  it('lets two agents talk while the customer hears music, brings all three together, and leaves the customer to the second', async () => {
    await press(0, 'w');
    await page(0).locator('#transfer-dialog[open]').getByRole('button', { name: 'Bo' }).waitFor();
    await press(0, '1');
    await word(0, 'consulting');
    await word(1, 'consulting');
    await pause(1_000);
    assert.ok((await heardWithin(4_000)) > 1_000, 'music while they talk');
    await press(0, 'j');
    await word(0, 'three-way');
    await word(1, 'three-way');
    await pause(1_000);
    // The browser's invented microphone beeps once a second; the first agent's is muted.
    const three = await heardWithin(4_000);
    assert.ok(three > 200, `${three} ms of the second agent's voice are heard by the customer in 4 s`);
    await press(0, 'j');
    await word(0, 'consulting');
    // The answer to the first press may come after what it led to.
    await pause(1_000);
    await press(0, 'j');
    await word(0, 'three-way');
    await page(0).locator('[data-bind="complete"]', { hasText: 'Leave the call' }).waitFor();
    await press(0, 'l');
    await word(0, 'wrapup');
    await word(1, 'on-call');
    await pause(1_000);
    const voice = await heardWithin(4_000);
    assert.ok(voice > 200, `${voice} ms of the second agent's voice are heard in 4 s`);
  });

  it('ends for all, with a recording of each talk that has a voice in it', async () => {
    await page(1).locator('[data-do="next"]:not([data-settling])').waitFor();
    await press(1, 'h');
    await word(1, 'wrapup');
    const { app } = rig.system.product;
    const rows = await until('all recordings are here', async () => {
      const found = await app.db.knex('recordings').where({ call_id: callId, state: 'stored' }).orderBy('id');
      return found.length === 4 && found;
    });
    const last = readWav(readFileSync(join(app.config.dataDir, rows[3].path)));
    assert.ok(loudness(last.samples) > 0.005, `the last talk is ${loudness(last.samples)} loud`);
    // Nothing of the hold and of the question is in the one before.
    const before = readWav(readFileSync(join(app.config.dataDir, rows[2].path)));
    const talked = Number(rows[2].finished_at) - Number(rows[2].started_at);
    assert.ok((before.samples.length / before.sampleRate) * 1000 < talked - 8_000);
    const sides = await app.db.knex('calls').where({ parent_id: callId });
    assert.deepEqual(
      sides.map(({ direction, state, outcome }) => [direction, state, outcome]),
      [['internal', 'ended', 'answered']],
    );
    for (const { browser } of rig.agents) assert.deepEqual(browser.trouble, []);
  });
});
