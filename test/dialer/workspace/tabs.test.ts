import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { needBrowser } from '../../support/browser.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

const twoTexts = 'The note was also changed in another tab.';

describe('two tabs of one agent beside one call', function () {
  this.timeout(60_000);
  let rig: BrowserRig;
  let one: Page;
  let two: Page;
  before(async function () {
    needBrowser(this);
    rig = await browserRig();
    one = await rig.open();
    await one.getByRole('button', { name: 'Sign in to phone' }).click();
    await one.locator('[data-bind="word"]', { hasText: 'Paused' }).waitFor();
    await one.keyboard.press('r');
    await rig.customers({ name: 'Mei Chen', phones: [{ e164: '+14155551001', type: 'mobile' }] });
    two = await rig.context(one).newPage();
    await two.goto(`${rig.url}/workspace`);
    await onCall(one);
    await onCall(two);
  });
  after(() => rig?.close());

  const onCall = (page: Page) => page.locator('[data-bind="word"]', { hasText: 'On call' }).waitFor();
  const field = (page: Page, name: string) => page.locator(`#disposition [name="${name}"]`);
  const saved = (page: Page) => page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
  const holds = async (page: Page, name: string, value: string) => {
    for (const end = Date.now() + 20_000; (await field(page, name).inputValue()) !== value;)
      if (Date.now() > end) assert.equal(await field(page, name).inputValue(), value);
  };
  const merged = (page: Page) => page.locator('[data-bind="merged"]').innerText();
  /** Nobody can save: what is typed meanwhile is typed over the same draft on both sides. */
  const hold = (page: Page) => page.route('**/workspace/draft/**', (route) => route.abort());
  const release = (page: Page) => page.unroute('**/workspace/draft/**');
  const kept = async () => {
    const { form } = await rig.app.db.knex('workspace_drafts').first();
    return JSON.parse(form) as Record<string, string>;
  };

  it('shows in one what is typed and chosen in the other, and says where it came from', async () => {
    await field(one, 'note').fill('wants two');
    await holds(two, 'note', 'wants two');
    await two.getByText('Taken over from another tab').waitFor();
    await two.keyboard.press('Alt+3');
    await one.locator('input[data-hotkey="3"]:checked').waitFor({ state: 'attached' });
    await one.locator('.ws-callback').waitFor();
  });

  it('brings together what was typed into different fields in the same moment', async () => {
    await Promise.all([hold(one), hold(two)]);
    await field(one, 'note').fill('wants two, in blue');
    await field(two, 'callbackNote').fill('after five');
    await Promise.all([release(one), release(two)]);
    for (const page of [one, two]) {
      await holds(page, 'note', 'wants two, in blue');
      await holds(page, 'callbackNote', 'after five');
      assert.equal(await merged(page), '');
    }
  });

  it('keeps both texts of one field and says so to who was second', async () => {
    await Promise.all([hold(one), hold(two)]);
    await field(one, 'note').fill('wants two, in red');
    await field(two, 'note').fill('wants two, in green');
    await release(one);
    await saved(one);
    await release(two);
    await two.getByText(twoTexts).waitFor();
    const note = await field(two, 'note').inputValue();
    assert.match(note, /green[^]*red/);
    await holds(one, 'note', note);
    await one.getByText('Taken over from another tab').waitFor();
    assert.equal((await kept()).note, note);
  });

  it('lets letters be composed to their end before another tab’s text comes in', async () => {
    await field(two, 'note').fill('');
    await holds(one, 'note', '');
    const keyboard = await rig.context(one).newCDPSession(one);
    await field(one, 'note').focus();
    await keyboard.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
    await field(two, 'callbackNote').fill('mobile');
    await saved(two);
    assert.equal(await field(two, 'note').inputValue(), '', 'half a word does not go to the other tab');
    assert.equal(await field(one, 'note').inputValue(), 'ni hao');
    await keyboard.send('Input.insertText', { text: '你好' });
    await holds(one, 'callbackNote', 'mobile');
    await holds(one, 'note', '你好');
    await holds(two, 'note', '你好');
  });

  it('brings in both sides after the network was away (fault: the browser’s connection cut)', async () => {
    const context = rig.context(one);
    await context.setOffline(true);
    await one.locator('#live-state[data-state="lost"]').waitFor();
    await field(one, 'note').fill('你好, offline');
    await field(two, 'callbackNote').fill('home');
    await one.locator('[data-bind="saved"][data-state="unsaved"]').waitFor();
    await context.setOffline(false);
    for (const page of [one, two]) {
      await holds(page, 'note', '你好, offline');
      await holds(page, 'callbackNote', 'home');
    }
  });

  it('finds again what a tab typed that crashed before it was saved (fault: the tab dies, requests cut)', async () => {
    await hold(two);
    await field(two, 'note').fill('你好, typed before the crash');
    await two.goto('chrome://crash').catch(() => undefined);
    await field(one, 'callbackNote').fill('office');
    await saved(one);
    const three = await rig.context(one).newPage();
    await three.goto(`${rig.url}/workspace`);
    await onCall(three);
    for (const page of [three, one]) {
      await holds(page, 'note', '你好, typed before the crash');
      await holds(page, 'callbackNote', 'office');
    }
    two = three;
  });

  it('hands in from one tab what the other typed', async () => {
    await two.keyboard.press('Alt+1');
    await one.locator('input[data-hotkey="1"]:checked').waitFor({ state: 'attached' });
    await one.locator('.ws-timer').click();
    await one.locator('[data-do="next"]:not([data-settling])').waitFor();
    await one.keyboard.press('h');
    await one.locator('[data-bind="word"]', { hasText: 'Wrap-up' }).waitFor();
    await one.keyboard.press('Control+Enter');
    for (const page of [one, two]) await page.locator('[data-bind="word"]', { hasText: 'Ready' }).waitFor();
    const call = await rig.app.db.knex('calls').whereNotNull('disposition_id').first();
    assert.equal(call.note, '你好, typed before the crash');
    assert.equal(await rig.app.db.knex('workspace_drafts').first(), undefined);
    assert.deepEqual(
      await one.evaluate(`Object.keys(localStorage).filter((key) => key.startsWith('ringwise.draft.'))`),
      [],
    );
  });
});
