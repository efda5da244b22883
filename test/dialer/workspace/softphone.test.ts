import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { asteriskObstacle } from '../../support/asterisk.ts';
import { hasChromium } from '../../support/browser.ts';
import { SippCarrier } from '../../support/sipp/sipp.ts';
import { skip } from '../../support/skip.ts';
import { tcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { createLineQualityStore } from '../../../dialer/line-quality/index.ts';
import { wsUrlSetting } from '../../../dialer/workspace/index.ts';
import { office, until } from '../../system/support/office.ts';
import { openPlace } from '../../system/support/places.ts';
import { startSystem, type AgentBrowser, type System } from '../../system/support/system.ts';

describe('the softphone on a real Asterisk', function () {
  this.timeout(120_000);
  let system: System;
  let carrier: SippCarrier;
  /** Between the browser and the switch's WebSocket. */
  let proxy: TcpProxy;
  let agent: AgentBrowser;
  let page: Page;
  let second: AgentBrowser;
  let userId: number;
  let campaignId: number;
  let e164: string;

  before(async function () {
    const obstacle = hasChromium ? await asteriskObstacle() : 'Chromium is not installed';
    if (obstacle) skip(this, obstacle);
    system = await startSystem('asterisk');
    carrier = await SippCarrier.start(system.root);
    const { app } = system.product;
    proxy = await tcpProxy(Number(new URL(system.asterisk!.access.url).port));
    await app.settings.set(wsUrlSetting, `ws://127.0.0.1:${proxy.port}/ws`, { userId: null });
    const firm = office(system.product.app);
    const person = await firm.user('ada', 'agent');
    userId = person.id;
    const trunkId = await firm.trunk('Carrier', carrier.port);
    const here = openPlace(system.product.app.clock.now());
    e164 = `${here.prefix}01`;
    const list = await firm.list('One', [{ e164, region: here.region }]);
    const draft = {
      name: 'Softphone',
      mode: 'progressive',
      trunkIds: [trunkId],
      agentIds: [userId],
    } as const;
    campaignId = await firm.campaign({ ...draft, wrapupLimitMs: 120_000 }, [list]);
    agent = await system.agent('ada');
    ({ page } = agent);
    // The page as it is, with the microphone it opened last at hand.
    await page.addInitScript(`const devices = navigator.mediaDevices;
      const open = devices.getUserMedia.bind(devices);
      devices.getUserMedia = async (wanted) => {
        if (window.noMicrophone) throw new DOMException('', 'NotFoundError');
        return (window.microphone = await open(wanted));
      }`);
    await page.reload();
  });
  after(async () => {
    await system?.close();
    await proxy?.close();
    await carrier?.close();
  });

  const snapshot = () => system.product.app.bus.request<AgentSnapshot>('agent.snapshot', { userId });
  const word = (name: string) => page.locator(`.ws-bar[data-word="${name}"]`).waitFor({ timeout: 20_000 });
  const phone = (status: string) =>
    page.locator(`.ws-phone[data-status="${status}"]`).waitFor({ timeout: 20_000 });
  /** The line's quality is on the screen. */
  const graded = () =>
    page.locator('.ws-phone[data-grade]:not([data-grade=""])').waitFor({ timeout: 20_000 });
  const customerHears = () => carrier.heardBy(e164).reduce((packets, sound) => packets + sound.packets, 0);

  it('registers, and takes the leg that the dialer opens at sign-in, without a word of a lost connection', async () => {
    const seen = `window.phoneStatus = new Set([document.querySelector('.ws-phone').dataset.status]);
      new MutationObserver(([{ target }]) => window.phoneStatus.add(target.dataset.status))
        .observe(document.querySelector('.ws-phone'), { attributeFilter: ['data-status'] })`;
    await page.evaluate(seen);
    await page.locator('[data-do="next"]').click();
    await word('paused');
    await phone('registered');
    assert.equal((await snapshot()).phone, 'up');
    await graded();
    const shown = await page.evaluate<string[]>('[...window.phoneStatus]');
    assert.deepEqual(
      shown.filter((status) => !['starting', 'connecting', 'registered', 'stopped'].includes(status)),
      [],
    );
  });

  it('lets an agent hear themselves over the switch, and says what works', async () => {
    const check = page.locator('[data-do="line-check"]');
    const said = page.locator('[data-bind="line-check-results"] li');
    await page.keyboard.press('t');
    await check.click();
    await page.getByText('Say something').waitFor();
    await until(
      'both ways are heard',
      async () => (await said.locator('..').locator('[data-check="ok"]').count()) >= 2,
    );
    await check.click();
    await page.getByText('The test call has ended.').waitFor();
    assert.deepEqual((await said.allInnerTexts()).slice(0, 2), [
      'Your microphone sends sound.',
      'Your voice comes back from the switch.',
    ]);
    // Fault: the microphone sends nothing.
    const sends = (on: boolean) => page.evaluate(`window.microphone.getAudioTracks()[0].enabled = ${on}`);
    await sends(false);
    await check.click();
    await page.getByText('Say something').waitFor();
    await page.waitForTimeout(1_500);
    await check.click();
    await page.getByText('The test call has ended.').waitFor();
    assert.deepEqual((await said.allInnerTexts()).slice(0, 2), [
      'Your microphone sends no sound. Choose another, or check its mute switch.',
      'Nothing comes back from the switch: a firewall may hold the sound back.',
    ]);
    await sends(true);
    await page.keyboard.press('Escape');
    assert.equal((await snapshot()).phone, 'up', 'the leg of the dialer stands');
  });

  it('carries the voice of a call both ways, with levels and line quality on the screen', async () => {
    await page.keyboard.press('r');
    await word('ready');
    await office(system.product.app).start(campaignId);
    await word('on-call');
    await until('the customer hears the agent', () => customerHears() > 50);
    const level = (name: string) =>
      page.evaluate<number>(`document.querySelector('[data-bind="meter-${name}"]').value`);
    await until('the agent hears the customer', async () => (await level('speaker')) > 0.2);
    await until('the microphone gives sound', async () => (await level('microphone')) > 0.2);
    await page.keyboard.press('t');
    assert.match(await page.locator('[data-bind="q-rtt"]').innerText(), /^\d+ ms$/);
    assert.match(await page.locator('[data-bind="q-mos"]').innerText(), /^[1-4]\.\d$/);
    await page.keyboard.press('Escape');
  });

  it('mutes what the customer hears from here', async () => {
    await page.keyboard.press('m');
    assert.equal(await page.locator('[data-bind="mute"]').getAttribute('aria-pressed'), 'true');
    await page.keyboard.press('m');
    assert.equal(await page.locator('[data-bind="mute"]').getAttribute('aria-pressed'), 'false');
  });

  it('keeps the customer from hearing the agent while muted, over a change of microphones too', async () => {
    const envelope = () => carrier.heardBy(e164).flatMap((sound) => [...sound.envelope]);
    const audible = (from: number) =>
      envelope()
        .slice(from)
        .filter((loudness) => loudness > 0.01).length;
    const device = page.locator('[data-device="microphone"]');
    await page.keyboard.press('m');
    await page.keyboard.press('t');
    await until('there are microphones to choose', async () => (await device.locator('option').count()) > 1);
    await device.selectOption({ index: 2 });
    const label = `window.microphone.getAudioTracks()[0].label`;
    const shown = await device.locator('option').nth(2).innerText();
    await until('the other microphone is in use', async () => (await page.evaluate(label)) === shown);
    await page.keyboard.press('Escape');
    const from = envelope().length + 25;
    await until('three seconds have passed at the customer', () => envelope().length > from + 150);
    assert.equal(audible(from), 0, 'packets with sound');
    await page.keyboard.press('m');
    const then = envelope().length;
    await until('the customer hears the agent again', () => audible(then) > 5);
    await page.keyboard.press('t');
    await device.selectOption('');
    await page.keyboard.press('Escape');
  });

  it('comes back into the same call after a reload: the customer stays, voice and text too', async () => {
    const { call } = await snapshot();
    await page.keyboard.press('n');
    await page.keyboard.type('half a sentence');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await page.keyboard.press('Alt+m');
    await page.reload();
    await phone('registered');
    await until('the leg is up again', async () => (await snapshot()).phone === 'up');
    await until('the customer is brought back', async () => (await snapshot()).call?.state === 'connected');
    const after = await snapshot();
    const lines = createLineQualityStore(system.product.app);
    await until('what the page measured before it went is kept', async () => {
      const line = await lines.ofCall(call?.id ?? '');
      return line !== null && line.mos > 1 && line.roundTripMs !== null;
    });
    assert.equal(after.call?.id, call?.id);
    assert.equal(after.call?.state, 'connected');
    assert.equal(after.state, 'on-call');
    assert.equal(await page.locator('[name="note"]').inputValue(), 'half a sentence');
    await graded();
    assert.equal(
      await page.locator('[data-bind="mute"]').getAttribute('aria-pressed'),
      'true',
      'still muted',
    );
    await page.keyboard.press('m');
    const before = customerHears();
    await until('the customer hears the agent again', () => customerHears() > before + 50);
  });

  it('says in a second tab that the phone is in the first, and can be taken over', async () => {
    const second = await agent.context.newPage();
    await second.goto(`${system.url}/workspace`);
    await second.locator('.ws-phone[data-status="elsewhere"]').waitFor();
    await second.getByRole('button', { name: 'Use the phone here' }).click();
    await second.locator('.ws-phone[data-status="registered"]').waitFor();
    await phone('elsewhere');
    await until('the leg is up in the second tab', async () => (await snapshot()).phone === 'up');
    await second.locator('.ws-phone[data-grade]:not([data-grade=""])').waitFor();
    assert.equal((await snapshot()).call?.state, 'connected');
    await second.reload();
    await second.locator('.ws-phone[data-grade]:not([data-grade=""])').waitFor();
    assert.ok(await page.locator('.ws-phone[data-status="elsewhere"]').isVisible(), 'not moved by a reload');
    // The first tab takes its turn when the second is gone. The fault: that one could not even hang up.
    await second.goto('chrome://crash').catch(() => undefined);
    await phone('registered');
    await graded();
    assert.equal((await snapshot()).call?.state, 'connected');
  });

  it('stays in the first browser when the agent opens a second during a call, goes where they say, and comes back', async () => {
    second = await system.agent('ada');
    const { page: other } = second;
    const phoneOf = (on: Page, status: string) =>
      on.locator(`.ws-phone[data-status="${status}"]`).waitFor({ timeout: 20_000 });
    const take = (on: Page) => on.getByRole('button', { name: 'Use the phone here' }).click();
    const toldWithin = async (on: Page, ms: number) => {
      const from = performance.now();
      await on.locator('.ws-alert', { hasText: 'Your phone is in another browser.' }).waitFor();
      const took = performance.now() - from;
      assert.ok(took < ms, `told after ${took} ms`);
    };
    const heardAgain = async () => {
      await until('the leg is up', async () => (await snapshot()).phone === 'up');
      await until('they talk', async () => (await snapshot()).call?.state === 'connected');
      const before = customerHears();
      await until('the customer hears the agent', () => customerHears() > before + 50);
    };
    const { call } = await snapshot();
    await toldWithin(other, 20_000);
    await graded();
    assert.deepEqual([(await snapshot()).call?.state, (await snapshot()).phone], ['connected', 'up']);
    await page.keyboard.press('n');
    await page.keyboard.press('End');
    await page.keyboard.type(', and more');
    await take(other);
    await phoneOf(other, 'registered');
    await toldWithin(page, 2_000);
    await phone('displaced');
    await heardAgain();
    await other.locator('.ws-phone[data-grade]:not([data-grade=""])').waitFor({ timeout: 20_000 });
    assert.equal(await page.locator('[name="note"]').inputValue(), 'half a sentence, and more');
    assert.equal((await snapshot()).call?.id, call?.id, 'the same call');
    // What would have taken it from there: the first browser's line is tried anew, and its page is read anew.
    await page.evaluate(`window.dispatchEvent(new Event('online'))`);
    await page.reload();
    await phone('displaced');
    await page.waitForTimeout(2_500);
    await phoneOf(other, 'registered');
    assert.deepEqual([(await snapshot()).phone, (await snapshot()).call?.state], ['up', 'connected']);
    await take(page);
    await phone('registered');
    await toldWithin(other, 2_000);
    await heardAgain();
    await graded();
  });

  it('shows that the switch is away while the call goes on, and registers again (fault: WebSocket cut)', async () => {
    proxy.stall();
    proxy.cut();
    await phone('retrying');
    await word('on-call');
    const before = customerHears();
    await until('the customer still hears the agent', () => customerHears() > before + 50);
    // Fault: the handshake of the new WebSocket is taken and never answered.
    await until('it is tried anew', () => proxy.taken() > 0);
    proxy.resume();
    await phone('registered');
    assert.equal((await snapshot()).call?.state, 'connected');
    await until('the leg is up', async () => (await snapshot()).phone === 'up');
    const then = customerHears();
    await until('the customer hears the agent', () => customerHears() > then + 50);
  });

  it('ends the call when the agent hangs up, and keeps the leg for the next', async () => {
    await page.locator('.ws-timer').click();
    await page.locator('[data-do="next"]:not([data-settling])').waitFor();
    await page.keyboard.press('h');
    await word('wrapup');
    assert.equal((await snapshot()).phone, 'up');
    await page.keyboard.press('Alt+2');
    await page.keyboard.press('Control+Enter');
    await word('ready');
    assert.equal((await snapshot()).phone, 'up');
  });

  it('goes to a browser that is opened between calls, and leaves the first; the leg is rung where it is', async () => {
    const { page: other } = second;
    await other.evaluate(`sessionStorage.clear()`);
    await other.reload();
    await other.locator('.ws-phone[data-status="registered"]').waitFor({ timeout: 20_000 });
    await phone('displaced');
    await until('the leg is up again', async () => (await snapshot()).phone === 'up');
    await until('the agent is as before', async () => (await snapshot()).state === 'ready');
    await other.locator('.ws-phone[data-grade]:not([data-grade=""])').waitFor({ timeout: 20_000 });
    // With the other browser gone, signing in brings it here.
    await second.context.close();
    await word('phone-lost');
    await page.locator('[data-do="next"]').click();
    await phone('registered');
    await until('the leg is up here', async () => (await snapshot()).phone === 'up');
  });

  it('takes no call without a microphone, and its leg back with it (fault: the headset is pulled out)', async () => {
    await page.evaluate(`window.noMicrophone = true;
      for (const track of window.microphone.getAudioTracks()) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }`);
    await phone('no-microphone');
    await word('phone-lost');
    assert.deepEqual([(await snapshot()).state, (await snapshot()).phone], ['paused', 'lost']);
    await page.evaluate(`window.noMicrophone = false;
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'))`);
    await phone('registered');
    await until('the leg is up again', async () => (await snapshot()).phone === 'up');
  });
});
