import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { CommandRefused } from '../../../core/bus/bus.ts';
import { createPauseCodeStore } from '../../../dialer/agents/pause-code-store.ts';
import { needBrowser } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { blank, pageRig, type PageRig } from './page-rig.ts';
import type { TestWorkspace } from './support.ts';

describe('the page of the workspace', function () {
  this.timeout(60_000);
  let rig: PageRig;
  let ws: TestWorkspace;
  let page: Page;
  let userId: number;
  before(async function () {
    needBrowser(this);
    rig = await pageRig();
    ({ ws, page, userId } = rig);
  });
  beforeEach(() => rig.fresh());
  afterEach(() => page?.unrouteAll({ behavior: 'ignoreErrors' }));
  after(() => rig?.close());

  it('takes letters for a field that has just gone for no commands, until there is a click', async () => {
    await rig.onCall();
    await rig.wrapup();
    await page.locator('#disposition [name="note"]').focus();
    await page.keyboard.type('she said');
    await rig.onCall();
    await page.keyboard.type('ha ha ha ha ha', { delay: 120 });
    assert.deepEqual(rig.asked('hangup'), []);
    await page.locator('.ws-timer').click();
    await page.keyboard.press('h');
    await eventually(() => assert.equal(rig.asked('hangup').length, 1));
  });

  it('takes the next letter for a command where the field went as it was handed in', async () => {
    await rig.onCall();
    await rig.wrapup();
    await page.locator('#disposition [name="note"]').focus();
    await page.keyboard.press('Alt+2');
    await page.keyboard.press('Control+Enter');
    await eventually(() => assert.equal(rig.asked('dispose').length, 1));
    ws.dialer.set(userId, blank);
    await page.locator('.ws-idle').waitFor();
    await page.keyboard.press('b');
    await rig.dialog('callbacks').waitFor();
  });

  it('does not hand a call in by the second of two clicks on “Hang up”', async () => {
    await rig.onCall();
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
    await eventually(() => assert.equal(rig.asked('hangup').length, 1));
    await rig.wrapup();
    await page.waitForFunction('window.clickedTwice');
    // Whatever came of the click has been sent before this.
    await page.evaluate(`fetch('/workspace/snapshot')`);
    assert.deepEqual(
      sent.filter((path) => path === '/workspace/dispose'),
      [],
    );
  });

  it('says in words why a call did not come about, also where the network has only a number for it', async () => {
    await rig.onCall();
    const note = page.locator('[data-bind="note"]');
    for (const [hangupCause, outcome, words] of [
      [20, 'no-answer', 'The customer’s phone is switched off (480).'],
      [19, 'no-answer', 'Nobody answered.'],
      [99, 'failed', 'The call could not be set up. (code 99)'],
    ] as const) {
      const { call } = ws.dialer.of(userId);
      const ended = { ...call!, state: 'ended' as const, outcome, hangupCause };
      ws.dialer.set(userId, { state: 'wrapup', call: ended });
      await note.getByText(words, { exact: true }).waitFor();
    }
  });

  it('offers to mute only where the leg is', async () => {
    await rig.onCall({ simulatedPhone: false });
    await page.locator('[data-bind="hold"]').waitFor();
    assert.equal(await page.locator('[data-bind="mute"]').isVisible(), false);
    await rig.onCall();
    await page.locator('[data-bind="mute"]').waitFor();
  });

  it('closes a dialog when a customer comes, unless something is typed in it; that one speaks', async () => {
    await page.keyboard.press('?');
    await rig.dialog('keys').waitFor();
    await rig.onCall();
    await rig.dialog('keys').waitFor({ state: 'hidden' });
    ws.dialer.set(userId, blank);
    await rig.word('Paused');
    await page.keyboard.press('c');
    await page.keyboard.type('+1415');
    await rig.onCall();
    const region = rig.dialog('dial').locator('[data-live="shout"]');
    await eventually(async () => assert.match(await region.innerText(), /^Call with/));
    assert.equal(await page.locator('#dial-dialog [name="number"]').inputValue(), '+1415');
  });

  it('gives way to the agent’s own phone while a number is on its way, and keeps it when that is refused', async () => {
    await page.keyboard.press('c');
    await rig.dialog('dial').waitFor();
    // The campaigns come while the dialog is open.
    ws.dialer.set(userId, {
      campaigns: [{ id: ws.campaignId, name: 'Spring', mode: 'manual', state: 'running' }],
    });
    await page.locator('#dial-dialog option', { hasText: 'Spring' }).waitFor({ state: 'attached' });
    await page.locator('#dial-dialog [name="number"]').fill('');
    await page.keyboard.press('Enter');
    await rig.dialog('dial').getByText('Enter a number.').waitFor();
    const held = await rig.holdBack('dial');
    assert.equal(await page.locator('#dial-dialog select').innerText(), 'Spring');
    await page.keyboard.type('+14155550177');
    await page.keyboard.press('Enter');
    await eventually(() => assert.equal(held.length, 1));
    await page.keyboard.press('Enter');
    await page.evaluate(`fetch('/workspace/snapshot')`);
    assert.equal(held.length, 1, 'sent once');
    assert.equal(await page.locator('#dial-dialog [name="number"]').inputValue(), '+14155550177');
    ws.dialer.set(userId, { state: 'reserved', legMode: 'per-call', phone: 'ringing' });
    await rig.dialog('dial').waitFor({ state: 'hidden' });
    const problem = { status: 409, code: 'x', title: '', detail: 'Your phone was not picked up.' };
    await held[0]!.fulfill({ status: 409, json: problem });
    await page.getByText('Your phone was not picked up.').waitFor();
    assert.equal(await page.locator('#dial-dialog [name="number"]').inputValue(), '+14155550177');
  });

  it('offers a pause code that was made while the page was open', async () => {
    await createPauseCodeStore(ws.app).create(coaching);
    await page.keyboard.press('p');
    await rig.dialog('pause').getByText('Coaching').click();
    await eventually(() => assert.equal(rig.asked('pause').length, 1));
  });

  it('tells at once what is chosen to come after the wrap-up', async () => {
    await rig.onCall();
    await rig.wrapup();
    const then = page.locator('#disposition [name="pauseCodeId"]');
    await then.selectOption({ index: 2 });
    const code = Number(await then.inputValue());
    await eventually(() => assert.equal(rig.asked('pause')[0]?.payload.pauseCodeId, code));
    ws.dialer.set(userId, { pausesNext: true, nextPauseCodeId: code });
    await then.selectOption('');
    await eventually(() => assert.equal(rig.asked('ready').length, 1));
  });

  it('keeps the pause without a code from which a number was dialled', async () => {
    await rig.onCall();
    await rig.wrapup({ pausesNext: true });
    await eventually(async () =>
      assert.equal(await page.locator('[name="pauseCodeId"] option:checked').innerText(), 'Paused as before'),
    );
    await page.keyboard.press('2');
    await page.keyboard.press('Control+Enter');
    await eventually(() => assert.equal(rig.asked('dispose').length, 1));
    const { next, pauseCodeId } = rig.asked('dispose')[0]!.payload;
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
    await rig.dialog('keys').waitFor();
  });

  it('leaves the middle of the page as it is while somebody is at work in it', async () => {
    const fetched: string[] = [];
    page.on('request', (request) => void fetched.push(new URL(request.url()).pathname));
    await page.locator('#stage [data-do="callbacks-open"]').focus();
    ws.dialer.set(userId, { state: 'ready' });
    await rig.word('Ready');
    assert.ok(!fetched.includes('/workspace/idle'));
    await page.evaluate('document.activeElement.blur()');
    ws.dialer.set(userId, { state: 'paused' });
    await rig.word('Paused');
    await eventually(() => assert.ok(fetched.includes('/workspace/idle')));
  });

  describe('with callbacks of which nobody wrote down when', () => {
    let ids: number[];
    before(async () => {
      await ws.app.db.knex('campaigns').update({ state: 'running' });
      ids = [await rig.undated(), await rig.undated()];
    });
    const row = (n: number) => page.locator(`.ws-due [data-callback-row="${ids[n]}"]`);
    const field = (n: number, name: string) => row(n).locator(`[name="${name}"]`);

    it('goes on fetching the middle of the page, and offers a call as soon as there can be one', async () => {
      ws.dialer.set(userId, { state: 'signed-out' });
      await page.reload();
      await rig.word('Signed out');
      const dial = row(0).locator('[data-do="dial-callback"]');
      assert.ok(await dial.isDisabled());
      const held = await rig.holdBack('idle');
      ws.dialer.set(userId, { state: 'paused' });
      await eventually(async () => assert.ok(await dial.isEnabled()));
      await eventually(() => assert.equal(held.length, 1));
    });

    it('keeps what is typed beside the one that is saved', async () => {
      await field(1, 'date').fill('2026-12-02');
      await field(0, 'date').fill('2026-11-25');
      await field(0, 'time').fill('10:30');
      await row(0).getByRole('button', { name: 'Save' }).click();
      await row(0).locator('.ws-overdue-badge').waitFor({ state: 'detached' });
      assert.equal(await field(0, 'time').inputValue(), '10:30');
      assert.equal(await field(1, 'date').inputValue(), '2026-12-02');
      assert.ok(await row(0).locator('[data-do="dial-callback"]').isEnabled());
    });

    it('keeps what is typed while the middle is being fetched, and where that fails (fault: requests cut)', async () => {
      const held = await rig.holdBack('idle');
      ws.dialer.set(userId, { state: 'ready' });
      await eventually(() => assert.equal(held.length, 1));
      await field(1, 'date').fill('2026-12-03');
      await held[0]!.continue();
      await page.locator('#stage:not([aria-busy="true"])').waitFor();
      assert.equal(await field(1, 'date').inputValue(), '2026-12-03');
      await field(1, 'date').fill('');
      await page.locator('.ws-timer').click();
      await page.evaluate('document.activeElement.blur()');
      ws.dialer.set(userId, { state: 'paused' });
      for (const tries of [2, 3]) {
        await eventually(() => assert.equal(held.length, tries));
        await held[tries - 1]!.abort();
      }
      await eventually(() => assert.equal(held.length, 4), 5_000);
      assert.equal(await row(1).count(), 1);
    });
  });

  it('says within seconds that the dialer does not answer, and is true again with it (fault: the dialer is gone)', async () => {
    const alert = page.locator('.ws-alert', { hasText: 'The dialer does not answer' });
    ws.dialer.refusals.set('agent.snapshot', new CommandRefused('dialer-away'));
    await ws.app.clock.advance(4_000);
    await alert.waitFor({ timeout: 5_000 });
    // What happened meanwhile reached no page.
    const { revision } = ws.dialer.of(userId);
    ws.dialer.snapshots.set(userId, { ...ws.dialer.of(userId), state: 'ready', revision: revision + 1 });
    ws.dialer.refusals.clear();
    await ws.app.clock.advance(4_000);
    await rig.word('Ready');
    await alert.waitFor({ state: 'detached' });
  });

  it('keeps what is typed of somebody unknown over a reload', async () => {
    await rig.onCall({}, { customerId: null, e164: '+14155559999' });
    await page.locator('[data-form="identify"] [name="name"]').fill('Mei Lin');
    await page.locator('[data-form="identify"] [name="language"]').selectOption('zh-TW');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await page.reload();
    await rig.word('On call');
    assert.equal(await page.locator('[data-form="identify"] [name="name"]').inputValue(), 'Mei Lin');
    assert.equal(await page.locator('[data-form="identify"] [name="language"]').inputValue(), 'zh-TW');
  });

  it('keeps a call muted in another tab, and over a reload while the dialer is silent', async () => {
    const muted = (on: boolean, at = page) =>
      at.locator(`[data-bind="mute"][aria-pressed="${on}"]`).waitFor();
    await rig.onCall();
    await page.keyboard.press('m');
    const tab = await rig.secondTab();
    await muted(true, tab);
    await tab.keyboard.press('m');
    await muted(false);
    await tab.close();
    await page.keyboard.press('m');
    // The fault: the dialer answers nothing while the page is read.
    ws.dialer.refusals.set('agent.snapshot', new CommandRefused('dialer-away'));
    await page.reload();
    await page.locator('.ws-alert', { hasText: 'The dialer does not answer' }).waitFor();
    ws.dialer.refusals.clear();
    ws.dialer.set(userId, {});
    await muted(true);
  });

  it('says that its phone is not to be had, and tries again (fault: its settings are refused)', async () => {
    const problem = { status: 409, code: 'x', title: '', detail: 'Your phone is not set up.' };
    await page.route('**/workspace/phone', (route) => route.fulfill({ status: 409, json: problem }));
    await page.reload();
    await page.locator('[data-bind="phone"][data-status="unavailable"]').waitFor();
    await page.keyboard.press('t');
    await rig.dialog('phone').getByText('Your phone is not set up.').waitFor();
    await page.keyboard.press('Escape');
    await page.unroute('**/workspace/phone');
    await page
      .locator('.ws-alert', { hasText: 'not set up' })
      .getByRole('button', { name: 'Try again' })
      .click();
    await page.locator('[data-bind="phone"][data-status="simulated"]').waitFor();
  });

  it('takes a request without an end for lost (fault: it is never answered)', async () => {
    await page.clock.install();
    await page.reload();
    await page.locator('[data-bind="phone"][data-status="simulated"]').waitFor();
    const held = await rig.holdBack('ready');
    await page.keyboard.press('r');
    await eventually(() => assert.equal(held.length, 1));
    await page.clock.fastForward(11_000);
    await page.locator('#toasts [data-toast="danger"]').waitFor();
    await page.keyboard.press('r');
    await eventually(() => assert.equal(held.length, 2));
  });
});

const coaching = {
  ...{ code: 'coaching', paid: true, limitMinutes: null, active: true },
  names: { en: 'Coaching', 'zh-CN': '辅导', 'zh-TW': '輔導' },
};
