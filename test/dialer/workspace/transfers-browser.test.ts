import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { needBrowser, watchForTrouble } from '../../support/browser.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

describe('transfers in two browsers', function () {
  this.timeout(60_000);
  let rig: BrowserRig;
  let ada: Page;
  let ben: Page;
  const trouble: string[][] = [];
  const shots = process.env.SHOTS;
  const shoot = async (page: Page, name: string) => {
    if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
  };

  before(async function () {
    this.timeout(180_000);
    needBrowser(this);
    rig = await browserRig({ colleague: true, wrapupLimitMs: 600_000 });
    const size = { viewport: { width: 1280, height: 720 } };
    ada = await rig.open(size);
    ben = await rig.open({ ...size, ...(process.env.SHOTS ? { locale: 'zh-CN' } : {}) }, 'ben');
    trouble.push(watchForTrouble(ada), watchForTrouble(ben));
    await signInToPhone(ada);
    await ada.keyboard.press('r');
    await rig.customers({ name: 'Elisabeth Chen', phones: [{ e164: '+14155551001', type: 'mobile' }] });
    await word(ada, 'on-call');
    await signInToPhone(ben);
    await ben.keyboard.press('r');
    await word(ben, 'ready');
  });
  after(() => rig?.close());

  const word = (page: Page, name: string) => page.locator(`.ws-bar[data-word="${name}"]`).waitFor();
  const signInToPhone = async (page: Page) => {
    await page.locator('[data-do="next"]').click();
    await word(page, 'paused');
  };
  const name = (page: Page) => page.locator('#ws-name', { hasText: 'Elisabeth Chen' }).waitFor();

  it('lists who is free, asks by a digit, and shows the colleague the customer and the note so far', async () => {
    await ada.keyboard.press('n');
    await ada.keyboard.type('wants the small plan');
    await ada.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await ada.locator('.ws-timer').click();
    await shoot(ada, '1-controls');
    await ada.keyboard.press('w');
    await ada.locator('#transfer-dialog[open]').getByRole('button', { name: 'Ben Ito' }).waitFor();
    await shoot(ada, '2-dialog');
    await ada.keyboard.press('1');
    await word(ada, 'consulting');
    await word(ben, 'consulting');
    await name(ben);
    await ben.locator('.ws-colleague', { hasText: 'wants the small plan' }).waitFor();
    assert.ok(
      await ben.locator('#disposition').isHidden(),
      'nothing to say about a customer who is another’s',
    );
    await ada.locator('[data-bind="consult-text"]', { hasText: 'With Ben Ito' }).waitFor();
    assert.ok(await ada.locator('[data-bind="complete"]').isVisible());
    assert.ok(await ada.locator('[data-bind="hold"]').isHidden());
    await shoot(ada, '3-consulting');
    await shoot(ben, '4-asked');
  });

  it('keeps all of it over a reload of both pages', async () => {
    await Promise.all([ada.reload(), ben.reload()]);
    await word(ada, 'consulting');
    await word(ben, 'consulting');
    await name(ben);
    for (const list of trouble) list.length = 0;
  });

  it('brings the customer to both by one key, puts them on hold again, and says so to both', async () => {
    await ada.locator('[data-bind="conference"]', { hasText: 'Three-way call' }).waitFor();
    await ada.keyboard.press('j');
    await word(ada, 'three-way');
    await ada.locator('[data-bind="next-label"]', { hasText: 'Drop third party' }).waitFor();
    await word(ben, 'three-way');
    await ada.locator('[data-bind="consult-text"]', { hasText: 'Ben Ito and the customer' }).waitFor();
    await ben
      .locator('[data-bind="consult-text"]', { hasText: /Ada Park (and the customer|和客户)/ })
      .waitFor();
    await ada.locator('[data-bind="take-back"]', { hasText: 'Drop third party' }).waitFor();
    await ada.locator('[data-bind="complete"]', { hasText: 'Leave the call' }).waitFor();
    assert.ok(await ada.locator('[data-bind="record"]').isVisible());
    await shoot(ada, '3b-three-way');
    await ada.locator('[data-bind="conference"]', { hasText: 'Hold the customer' }).click();
    await word(ada, 'consulting');
    await word(ben, 'consulting');
  });

  it('takes the customer back by one key, and the colleague is free', async () => {
    await ada.locator('[data-do="next"]:not([data-settling])').waitFor();
    await ada.keyboard.press('o');
    await word(ada, 'on-call');
    await word(ben, 'ready');
  });

  it('says in the dialog why a number is not called, and closes it when it is', async () => {
    await ada.keyboard.press('f');
    const dialog = ada.locator('#transfer-dialog[open]');
    await dialog.locator('input[name="number"]').fill('12');
    await ada.keyboard.press('Enter');
    await dialog.locator('[data-error="transfer"]', { hasText: 'not a complete number' }).waitFor();
    await ada.keyboard.press('Escape');
    await ada.locator('#transfer-dialog:not([open])').waitFor({ state: 'attached' });
  });

  it('gives the customer away blind: the card pops up at the colleague’s, and who left adds a note alone', async () => {
    await ada.keyboard.press('f');
    await ada.locator('#transfer-dialog[open]').getByRole('button', { name: 'Ben Ito' }).waitFor();
    await ada.keyboard.press('1');
    await word(ada, 'wrapup');
    await word(ben, 'on-call');
    await name(ben);
    await ben.locator('.ws-colleague', { hasText: 'Ada Park' }).waitFor();
    await ben.locator('#disposition').waitFor();
    await ada.locator('[data-bind="note-only"]').waitFor();
    assert.ok(await ada.locator('[data-bind="dispositions"]').isHidden());
    await shoot(ada, '5-note-only');
    await shoot(ben, '6-handed-on');
    await ada.keyboard.press('Control+Enter');
    await word(ada, 'ready');
    await ben.locator('[data-do="next"]:not([data-settling])').waitFor();
    await ben.keyboard.press('h');
    await word(ben, 'wrapup');
    assert.ok(await ben.locator('[data-bind="dispositions"]').isVisible());
    await ben.keyboard.press('1');
    await ben.keyboard.press('Control+Enter');
    await word(ben, 'ready');
    const notes = await rig.app.db.knex('timeline_entries').where({ kind: 'note' });
    assert.deepEqual(
      notes.map(({ user_id, data }) => [user_id, JSON.parse(data as string).text]),
      [[rig.agentId, 'wants the small plan']],
    );
    for (const list of trouble)
      assert.deepEqual(
        list.filter((line) => !/422/.test(line)),
        [],
      );
  });
});
