import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { needBrowser } from '../../support/browser.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

describe('an agent whose phone is reached in another way than when the page was read', function () {
  this.timeout(60_000);
  let rig: BrowserRig;
  let page: Page;
  before(async function () {
    needBrowser(this);
    rig = await browserRig();
    page = await rig.open();
  });
  after(() => rig?.close());

  const phone = (status: string) => page.locator(`.ws-phone[data-status="${status}"]`).waitFor();

  it('works with the new one after signing in (fault: the page was told of a dialer that is gone)', async () => {
    const old = { kind: 'desk', endpoint: 'PJSIP/of-the-dialer-that-is-gone' };
    await page.route('**/workspace/phone', (route) => route.fulfill({ json: old }));
    await page.reload();
    await phone('desk');
    await page.unroute('**/workspace/phone');
    await page.locator('[data-do="next"]').click();
    await phone('simulated');
    await page.locator('.ws-bar[data-word="paused"]').waitFor();
    assert.equal((await rig.snapshot()).phone, 'up');
  });

  it('stays as it is where nothing has changed', async () => {
    await page.evaluate('window.same = true');
    const asked = page.waitForResponse('**/workspace/phone');
    await page.locator('[data-do="sign-out"]').dispatchEvent('click');
    await page.locator('.ws-bar[data-word="signed-out"]').waitFor();
    await page.locator('[data-do="next"]:not([data-settling])').click();
    await asked;
    await page.locator('.ws-bar[data-word="paused"]').waitFor();
    assert.equal(await page.evaluate('window.same'), true);
  });
});
