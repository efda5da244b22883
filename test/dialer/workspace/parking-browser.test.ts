import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { parkLimitSetting } from '../../../dialer/parking/parking-settings.ts';
import { needBrowser, watchForTrouble } from '../../support/browser.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

describe('parking in two browsers', function () {
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
    ben = await rig.open({ ...size, locale: 'zh-CN' }, 'ben');
    trouble.push(watchForTrouble(ada), watchForTrouble(ben));
    await signInToPhone(ada);
    await signInToPhone(ben);
    await ada.keyboard.press('r');
    await rig.customers({ name: 'Elisabeth Chen', phones: [{ e164: '+14155551001', type: 'mobile' }] });
    await word(ada, 'on-call');
    await ada.locator('#ws-name', { hasText: 'Elisabeth Chen' }).waitFor();
  });
  after(() => rig?.close());

  const word = (page: Page, name: string) => page.locator(`.ws-bar[data-word="${name}"]`).waitFor();
  const row = (page: Page) => page.locator('.ws-parked-row');
  const signInToPhone = async (page: Page) => {
    await page.locator('[data-do="next"]').click();
    await word(page, 'paused');
  };

  it('parks by one key: the agent is free, and both see who waits, since when and until when', async () => {
    await ada.keyboard.press('n');
    await ada.locator('textarea[name="note"]:focus').waitFor();
    await ada.keyboard.type('asks for the price');
    await ada.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await ada.locator('.ws-timer').click();
    await shoot(ada, 'park-1-call');
    await ada.keyboard.press('g');
    await word(ada, 'paused');
    await ada.locator('[data-bind="note"]', { hasText: 'You have parked a customer' }).waitFor();
    await row(ada)
      .filter({ hasText: /Parked 1.*Elisabeth Chen.*by you.*\d:\d\d.*rings back in \d:\d\d/s })
      .waitFor();
    await row(ben)
      .filter({ hasText: /驻留 1.*Elisabeth Chen.*由 Ada Park 驻留.*后回铃.*取回/s })
      .waitFor();
    assert.ok(await ada.locator('#ws-name').isHidden(), 'nothing of the customer stands in the way');
    await shoot(ada, 'park-2-parked');
    await shoot(ben, 'park-3-colleague');
  });

  it('lets the agent take other calls, or dial, and shows why it cannot be taken up meanwhile', async () => {
    await rig.customers({ name: 'Another One', phones: [{ e164: '+14155551011', type: 'mobile' }] });
    await ada.keyboard.press('r');
    await word(ada, 'on-call');
    const button = row(ada).locator('button');
    assert.ok(await button.isDisabled());
    assert.equal(await button.getAttribute('title'), 'Only between calls.');
    await shoot(ada, 'park-4-other-call');
    await ada.keyboard.press('u');
    await word(ada, 'on-call');
    await ada.locator('#ws-name', { hasText: 'Another One' }).waitFor();
  });

  it('is taken up by the colleague with one key: card and note so far come with it', async () => {
    await row(ben).locator('kbd', { hasText: 'U' }).waitFor();
    await ben.keyboard.press('u');
    await word(ben, 'on-call');
    await ben.locator('#ws-name', { hasText: 'Elisabeth Chen' }).waitFor();
    await ben.locator('.ws-colleague', { hasText: 'asks for the price' }).waitFor();
    await row(ada).waitFor({ state: 'detached' });
    await shoot(ben, 'park-5-taken-up');
  });

  it('rings back at who has parked it: said, shown and taken up by a click', async () => {
    await rig.app.settings.set(parkLimitSetting, 10_000, { userId: null });
    await ben.locator('[data-bind="park"]').click();
    await word(ben, 'paused');
    await ben.keyboard.press('p');
    await ben.keyboard.press('1');
    await ben
      .locator('.ws-parked-row[data-ringing="true"]', { hasText: '正在回铃' })
      .waitFor({ timeout: 20_000 });
    await ben
      .locator('[data-bind="shout"]', { hasText: '您驻留的客户正在回铃' })
      .waitFor({ state: 'attached' });
    await shoot(ben, 'park-6-rings');
    await row(ben).locator('button').click();
    await word(ben, 'on-call');
    await ben.locator('#ws-name', { hasText: 'Elisabeth Chen' }).waitFor();
    for (const list of trouble) assert.deepEqual(list, []);
  });
});
