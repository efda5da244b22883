import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Browser, Page, Route } from 'playwright-core';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { createPauseCodeStore } from '../../../dialer/agents/pause-code-store.ts';
import { launchBrowser, needBrowser, serve, signIn } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { testPassword } from '../../web/support.ts';
import { callOf, testWorkspace, type TestWorkspace } from './support.ts';

describe('the page of the workspace', function () {
  this.timeout(60_000);
  let ws: TestWorkspace;
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let page: Page;
  let userId: number;
  let calls = 0;
  before(async function () {
    needBrowser(this);
    ws = await testWorkspace();
    server = await serve(ws.web);
    browser = await launchBrowser();
    userId = (await ws.browser('agent', 'ada')).id;
    page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    await signIn(page, server.url, 'ada', testPassword);
  });
  beforeEach(async () => {
    ws.dialer.set(userId, blank);
    ws.dialer.asked.length = 0;
    await page.goto(`${server.url}/workspace`);
    await word('Paused');
    await page.locator('[data-bind="phone"][data-status="simulated"]').waitFor();
  });
  afterEach(() => page?.unrouteAll({ behavior: 'ignoreErrors' }));
  after(async () => {
    await browser?.close();
    await server?.close();
    await ws?.close();
  });

  const blank: Partial<AgentSnapshot> = {
    ...{ state: 'paused', phone: 'up', legMode: 'nailed', simulatedPhone: true, call: null, preview: null },
    ...{ pausesNext: false, nextPauseCodeId: null, wrapupUntil: null, campaigns: [] },
  };
  const word = (text: string) => page.locator('[data-bind="word"]', { hasText: text }).waitFor();
  const dialog = (name: string) => page.locator(`#${name}-dialog[open]`);
  const asked = (command: string) => ws.dialer.asked.filter((each) => each.command === `agent.${command}`);
  const newCall = () => {
    const who = { campaignId: ws.campaignId, customerId: ws.customerId };
    return callOf({ id: `call-${(calls += 1)}`, ...who });
  };
  const onCall = async (part: Partial<AgentSnapshot> = {}) => {
    const call = newCall();
    ws.dialer.set(userId, { ...blank, state: 'on-call', call, ...part });
    await page.locator(`#disposition[data-call="${call.id}"]`).waitFor();
    return call;
  };
  const wrapup = async (part: Partial<AgentSnapshot> = {}) => {
    const { call } = ws.dialer.of(userId);
    ws.dialer.set(userId, { state: 'wrapup', call: { ...call!, state: 'ended' }, ...part });
    await word('Wrap-up');
  };
  /** Holds requests of that command back until they are answered. */
  const holdBack = async (command: string) => {
    const held: Route[] = [];
    await page.route(`**/workspace/${command}`, (route) => void held.push(route));
    return held;
  };

  it('takes letters for a field that has just gone for no commands, until there is a click', async () => {
    await onCall();
    await wrapup();
    await page.locator('#disposition [name="note"]').focus();
    await page.keyboard.type('she said');
    await onCall();
    await page.keyboard.type('ha ha ha ha ha', { delay: 120 });
    assert.deepEqual(asked('hangup'), []);
    await page.locator('.ws-timer').click();
    await page.keyboard.press('h');
    await eventually(() => assert.equal(asked('hangup').length, 1));
  });

  it('takes the next letter for a command where the field went as it was handed in', async () => {
    await onCall();
    await wrapup();
    await page.locator('#disposition [name="note"]').focus();
    await page.keyboard.press('Alt+2');
    await page.keyboard.press('Control+Enter');
    await eventually(() => assert.equal(asked('dispose').length, 1));
    ws.dialer.set(userId, blank);
    await page.locator('.ws-idle').waitFor();
    await page.keyboard.press('b');
    await dialog('callbacks').waitFor();
  });

  it('does not hand a call in by the second of two clicks on “Hang up”', async () => {
    await onCall();
    await page.keyboard.press('1');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    const sent: string[] = [];
    page.on('request', (request) => void sent.push(new URL(request.url()).pathname));
    // Both clicks in the page, with the end of the call between them.
    await page.evaluate(`new MutationObserver((_, watcher) => {
      const next = document.querySelector('[data-bind="next"]');
      if (next.dataset.action !== 'save') return;
      watcher.disconnect();
      next.click();
      window.clickedTwice = true;
    }).observe(document.querySelector('[data-bind="next"]'), { attributeFilter: ['data-action'] })`);
    await page.locator('[data-bind="next"]').click();
    await eventually(() => assert.equal(asked('hangup').length, 1));
    await wrapup();
    await page.waitForFunction('window.clickedTwice');
    // Whatever came of the click has been sent before this.
    await page.evaluate(`fetch('/workspace/snapshot')`);
    assert.deepEqual(
      sent.filter((path) => path === '/workspace/dispose'),
      [],
    );
  });

  it('offers to mute only where the leg is', async () => {
    await onCall({ simulatedPhone: false });
    await page.locator('[data-bind="hold"]').waitFor();
    assert.equal(await page.locator('[data-bind="mute"]').isVisible(), false);
    await onCall();
    await page.locator('[data-bind="mute"]').waitFor();
  });

  it('closes a dialog when a customer comes, unless something is typed in it; that one speaks', async () => {
    await page.keyboard.press('?');
    await dialog('keys').waitFor();
    await onCall();
    await dialog('keys').waitFor({ state: 'hidden' });
    ws.dialer.set(userId, blank);
    await word('Paused');
    await page.keyboard.press('c');
    await page.keyboard.type('+1415');
    await onCall();
    const region = dialog('dial').locator('[data-live="shout"]');
    await eventually(async () => assert.match(await region.innerText(), /^Call with/));
    assert.equal(await page.locator('#dial-dialog [name="number"]').inputValue(), '+1415');
  });

  it('gives way to the agent’s own phone while a number is on its way, and keeps it when that is refused', async () => {
    ws.dialer.set(userId, {
      campaigns: [{ id: ws.campaignId, name: 'Spring', mode: 'manual', state: 'running' }],
    });
    const held = await holdBack('dial');
    await page.keyboard.press('c');
    assert.equal(await page.locator('#dial-dialog select').innerText(), 'Spring');
    await page.keyboard.type('+14155550177');
    await page.keyboard.press('Enter');
    await eventually(() => assert.equal(held.length, 1));
    await page.keyboard.press('Enter');
    await page.evaluate(`fetch('/workspace/snapshot')`);
    assert.equal(held.length, 1, 'sent once');
    assert.equal(await page.locator('#dial-dialog [name="number"]').inputValue(), '+14155550177');
    ws.dialer.set(userId, { state: 'reserved', legMode: 'per-call', phone: 'ringing' });
    await dialog('dial').waitFor({ state: 'hidden' });
    const problem = { status: 409, code: 'x', title: '', detail: 'Your phone was not picked up.' };
    await held[0]!.fulfill({ status: 409, json: problem });
    await page.getByText('Your phone was not picked up.').waitFor();
    assert.equal(await page.locator('#dial-dialog [name="number"]').inputValue(), '+14155550177');
  });

  it('offers a pause code that was made while the page was open', async () => {
    await createPauseCodeStore(ws.app).create(coaching);
    await page.keyboard.press('p');
    await dialog('pause').getByText('Coaching').click();
    await eventually(() => assert.equal(asked('pause').length, 1));
  });

  it('tells at once what is chosen to come after the wrap-up', async () => {
    await onCall();
    await wrapup();
    const then = page.locator('#disposition [name="pauseCodeId"]');
    await then.selectOption({ index: 2 });
    const code = Number(await then.inputValue());
    await eventually(() => assert.equal(asked('pause')[0]?.payload.pauseCodeId, code));
    ws.dialer.set(userId, { pausesNext: true, nextPauseCodeId: code });
    await then.selectOption('');
    await eventually(() => assert.equal(asked('ready').length, 1));
  });

  it('keeps the pause without a code from which a number was dialled', async () => {
    await onCall();
    await wrapup({ pausesNext: true });
    await eventually(async () =>
      assert.equal(await page.locator('[name="pauseCodeId"] option:checked').innerText(), 'Paused as before'),
    );
    await page.keyboard.press('2');
    await page.keyboard.press('Control+Enter');
    await eventually(() => assert.equal(asked('dispose').length, 1));
    const { next, pauseCodeId } = asked('dispose')[0]!.payload;
    assert.deepEqual([next, pauseCodeId], ['paused', undefined]);
  });

  it('goes back from a missed call that was handed in elsewhere', async () => {
    await page.evaluate(`{
      const button = document.createElement('button');
      Object.assign(button.dataset, { do: 'late-open', call: 'gone' });
      document.querySelector('#stage').append(button);
      button.click();
    }`);
    await page.waitForResponse((response) => response.url().endsWith('/workspace/late/gone'));
    await page.locator('#stage[aria-busy="true"]').waitFor({ state: 'detached' });
    await page.locator('.ws-idle').waitFor();
    await page.keyboard.press('?');
    await dialog('keys').waitFor();
  });

  it('leaves the middle of the page as it is while somebody is at work in it', async () => {
    const fetched: string[] = [];
    page.on('request', (request) => void fetched.push(new URL(request.url()).pathname));
    await page.locator('#stage [data-do="callbacks-open"]').focus();
    ws.dialer.set(userId, { state: 'ready' });
    await word('Ready');
    assert.ok(!fetched.includes('/workspace/idle'));
    await page.evaluate('document.activeElement.blur()');
    ws.dialer.set(userId, { state: 'paused' });
    await word('Paused');
    await eventually(() => assert.ok(fetched.includes('/workspace/idle')));
  });
});

const coaching = {
  ...{ code: 'coaching', paid: true, limitMinutes: null, active: true },
  names: { en: 'Coaching', 'zh-CN': '辅导', 'zh-TW': '輔導' },
};
