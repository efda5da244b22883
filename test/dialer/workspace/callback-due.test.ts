import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { createCallbackStore } from '../../../campaigns/callbacks/index.ts';
import { needBrowser } from '../../support/browser.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

describe('a callback that falls due during a call, in a browser', function () {
  this.timeout(60_000);
  let rig: BrowserRig;
  let page: Page;
  before(async function () {
    needBrowser(this);
    rig = await browserRig();
    page = await rig.open();
  });
  after(() => rig?.close());

  const word = (text: string) => page.locator('[data-bind="word"]', { hasText: text }).waitFor();

  it('is counted in the bar while the customer is on the screen, and nothing that is typed is touched', async () => {
    await page.getByRole('button', { name: 'Sign in to phone' }).click();
    await word('Paused');
    await page.keyboard.press('r');
    await word('Ready');
    const [customerId] = await rig.customers({
      ...{ phones: [{ e164: '+14155555001', type: 'mobile' }], name: 'Elisabeth Chen' },
    });
    await word('On call');
    // The page's own clock is moved; the intervals of one that is loaded already would not be.
    await page.clock.install();
    await page.reload();
    await word('On call');
    const badge = page.locator('[data-bind="callbacks-due"]');
    assert.ok(await badge.isHidden());
    await page.locator('#disposition [name="note"]').fill('half a sentence');
    const dueAt = rig.app.clock.now() - 1;
    const owed = { leadId: 1, campaignId: rig.campaignId, customerId: customerId!, userId: rig.agentId };
    const rest = { timeAgreed: true, e164: null, note: null, callId: null, createdBy: rig.agentId };
    await createCallbackStore(rig.app).create({ ...owed, ...rest, dueAt }, dueAt);
    await page.clock.fastForward(61_000);
    await badge.waitFor();
    assert.equal(await badge.innerText(), '1');
    assert.equal(await page.locator('#disposition [name="note"]').inputValue(), 'half a sentence');
    await page.locator('#ws-name', { hasText: 'Elisabeth Chen' }).waitFor();
  });
});
