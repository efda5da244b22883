import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { Users } from '../../../core/users/index.ts';
import { needBrowser } from '../../support/browser.ts';
import { testPassword } from '../../web/support.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

describe('an agent who is signed out everywhere in the middle of a call', function () {
  this.timeout(60_000);
  let rig: BrowserRig;
  before(async function () {
    needBrowser(this);
    rig = await browserRig();
  });
  after(() => rig?.close());

  it('is asked to sign in at once, and finds the call and what was typed', async () => {
    const page = await rig.open();
    const word = (text: string) => page.locator('[data-bind="word"]', { hasText: text }).waitFor();
    const note = page.locator('#disposition [name="note"]');
    await page.getByRole('button', { name: 'Sign in to phone' }).click();
    await word('Paused');
    await page.keyboard.press('r');
    await rig.customers({ name: 'Mei Chen', phones: [{ e164: '+14155551001', type: 'mobile' }] });
    await word('On call');
    // Fault: nothing that is typed reaches the server before the session is over.
    await page.route('**/workspace/draft/**', (route) => route.abort());
    await note.fill('wants two of them');
    await new Users(rig.app).signOutEverywhere(rig.agentId, { userId: null });
    // Its stream tells it: the page itself asks only every 20 s.
    await page.waitForURL('**/sign-in?next=%2Fworkspace', { timeout: 15_000 });
    await page.unroute('**/workspace/draft/**');
    await page.fill('#f-username', 'ada');
    await page.fill('#f-password', testPassword);
    await page.click('#sign-in-form .btn-primary');
    await word('On call');
    assert.equal(await note.inputValue(), 'wants two of them');
  });
});
