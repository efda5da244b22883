import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { createAriTelephony, type Telephony } from '../../../dialer/telephony/index.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { asteriskObstacle } from '../../support/asterisk.ts';
import { hasChromium } from '../../support/browser.ts';
import { SippCarrier } from '../../support/sipp/sipp.ts';
import { skip } from '../../support/skip.ts';
import { heardInPage } from '../../system/support/ears.ts';
import { office, until } from '../../system/support/office.ts';
import { openPlace } from '../../system/support/places.ts';
import { startSystem, type AgentBrowser, type System } from '../../system/support/system.ts';

/** Of the customer's envelope, which has fifty values a second. */
const threeSeconds = 150;

describe('a manager with an agent’s call on a real Asterisk', function () {
  this.timeout(180_000);
  let system: System;
  let carrier: SippCarrier;
  let agent: AgentBrowser;
  let floor: Page;
  let ada: number;
  let e164: string;
  /** Asks the switch past the dialer. */
  let telephony: Telephony;

  before(async function () {
    const obstacle = hasChromium ? await asteriskObstacle() : 'Chromium is not installed';
    if (obstacle) skip(this, obstacle);
    system = await startSystem('asterisk');
    carrier = await SippCarrier.start(system.root);
    const { app } = system.product;
    telephony = createAriTelephony({
      ...{ ...system.asterisk!.access, app: 'test', clock: app.clock, log: app.log },
    });
    await telephony.connect();
    const firm = office(app);
    ada = (await firm.user('ada', 'agent')).id;
    await firm.user('max', 'manager');
    const trunkId = await firm.trunk('Carrier', carrier.port);
    const here = openPlace(app.clock.now());
    e164 = `${here.prefix}01`;
    const list = await firm.list('One', [{ e164, region: here.region }]);
    const draft = { name: 'Floor', mode: 'progressive', trunkIds: [trunkId], agentIds: [ada] } as const;
    const campaignId = await firm.campaign({ ...draft, wrapupLimitMs: 120_000 }, [list]);
    agent = await system.agent('ada');
    await agent.page.locator('[data-do="next"]').click();
    await word('paused');
    await agent.page.keyboard.press('r');
    await word('ready');
    await firm.start(campaignId);
    await word('on-call');
    floor = await system.page('max', '/floor');
    // Every microphone that the page opens, and what it makes of them, at hand.
    await floor.addInitScript(`const devices = navigator.mediaDevices;
      const open = devices.getUserMedia.bind(devices);
      window.tracks = [];
      devices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        window.tracks.push(...stream.getAudioTracks());
        return stream;
      }`);
    await floor.reload();
  });
  after(async () => {
    await telephony?.close();
    await system?.close();
    await carrier?.close();
  });

  const word = (name: string) =>
    agent.page.locator(`.ws-bar[data-word="${name}"]`).waitFor({ timeout: 30_000 });
  const snapshot = () => system.product.app.bus.request<AgentSnapshot>('agent.snapshot', { userId: ada });
  const bar = () => floor.locator('[data-bind="monitor"] b');
  const envelope = () => carrier.heardBy(e164).flatMap((sound) => [...sound.envelope]);
  /** How much of three seconds from now the customer hears. */
  async function customerHears(): Promise<number> {
    // What is on its way is not of them.
    const from = envelope().length + 50;
    await until('three seconds have passed', () => envelope().length > from + threeSeconds);
    return envelope()
      .slice(from, from + threeSeconds)
      .filter((loudness) => loudness > 0.01).length;
  }
  const onSwitch = async () =>
    (await telephony.channels()).filter(({ channelId }) => /^rw-(monitor|snoop)-/.test(channelId)).length;

  it('shows how the talk sounds, as the agent’s browser measures it while they talk', async () => {
    const line = floor.locator(`[data-agent="${ada}"] .fl-line`);
    await line.filter({ hasText: /^[1-4]\.\d (good|fair|poor)$/ }).waitFor({ timeout: 30_000 });
    await floor.locator(`[data-agent="${ada}"]`).click();
    const all = floor.locator('[data-bind="panel-line"]');
    await all.filter({ hasText: /^Line: MOS [1-4]\.\d \(\w+\) · jitter \d+ ms · loss [\d.]+%/ }).waitFor();
    await floor.keyboard.press('Escape');
  });

  it('listens: both are heard, and nobody hears the manager or is told', async () => {
    await agent.page.keyboard.press('m');
    await floor.locator(`[data-agent="${ada}"].state-call`).click();
    await floor.click('[data-act="listen"]');
    await bar().filter({ hasText: 'You listen to Ada' }).waitFor({ timeout: 30_000 });
    assert.equal(await onSwitch(), 2);
    const from = Date.now();
    assert.equal(await customerHears(), 0);
    const heard = await heardInPage(floor, from, Date.now());
    assert.ok(heard.packets > 50, `${heard.packets} packets`);
    assert.ok(heard.loudness > 0.005, `loudness ${heard.loudness}`);
    assert.deepEqual((await snapshot()).monitors, []);
  });

  it('whispers: the agent is told and hears it, and the customer does not', async () => {
    await floor.click('[data-bind="monitor"] [data-mode="whisper"]');
    await bar().filter({ hasText: 'Only Ada hears you' }).waitFor({ timeout: 30_000 });
    await agent.page.locator('.ws-alert', { hasText: 'Max speaks to you' }).waitFor();
    assert.equal(await customerHears(), 0);
  });

  it('barges in: the customer hears the manager', async () => {
    await floor.click('[data-bind="monitor"] [data-mode="barge"]');
    await bar().filter({ hasText: 'Ada and the customer hear you' }).waitFor({ timeout: 30_000 });
    await agent.page.locator('.ws-alert', { hasText: 'Max is in this call' }).waitFor();
    assert.ok((await customerHears()) > 5);
  });

  it('takes over: the customer hears the manager alone, and the agent’s button ends nothing', async () => {
    await floor.click('[data-bind="monitor"] [data-mode="listen"]');
    await bar().filter({ hasText: 'You listen to Ada' }).waitFor({ timeout: 30_000 });
    await agent.page.keyboard.press('m');
    assert.ok((await customerHears()) > 5, 'the agent is heard');
    await floor.click('[data-bind="monitor"] [data-mode="take-over"]');
    await bar().filter({ hasText: 'You have the talk' }).waitFor({ timeout: 30_000 });
    await agent.page.locator('.ws-alert', { hasText: 'Max has taken over this call' }).waitFor();
    assert.ok((await customerHears()) > 5, 'the manager is heard');
    // For good: the page opens its microphone again with whatever it hears of the dialer. Who is heard now is the agent.
    await floor.evaluate(`window.tracks.forEach((track) => {
      track.enabled = false;
      Object.defineProperty(track, 'enabled', { get: () => false, set: () => {} });
    })`);
    await until('nobody is heard any more', async () => (await customerHears()) === 0);
    await agent.page.locator('[data-do="next"]').click();
    await agent.page
      .locator('[data-toast="danger"], .alert-danger', { hasText: 'taken over' })
      .first()
      .waitFor();
    assert.equal((await snapshot()).state, 'on-call');
  });

  it('is over when the manager’s browser is closed, leaves nothing, and the talk goes on', async () => {
    await floor.context().close();
    await until('the switch has nothing of it', async () => (await onSwitch()) === 0);
    assert.equal((await snapshot()).state, 'on-call');
    assert.deepEqual((await snapshot()).monitors, []);
    assert.ok((await customerHears()) > 5, 'the agent is heard again');
  });
});
