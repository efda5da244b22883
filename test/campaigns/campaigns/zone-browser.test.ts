import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { paths } from '../../../core/paths.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { skip } from '../../support/skip.ts';
import { testPassword } from '../../web/support.ts';
import { campaignsWeb, type CampaignsWeb } from '../web.ts';

describe('the time zone of a new campaign in Chromium', function () {
  this.timeout(90_000);
  let web: CampaignsWeb;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;

  before(async function () {
    if (!hasChromium) skip(this, 'Chromium is not installed');
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    web = await campaignsWeb();
    await web.signedIn('manager');
    site = await serve(web.web);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await web?.close();
  });

  const newForm = async (timezoneId: string): Promise<Page> => {
    const page = await browser.newPage({ locale: 'en-US', timezoneId });
    await signIn(page, site.url, 'manager', testPassword);
    await page.goto(`${site.url}/campaigns/new`);
    return page;
  };

  it('is proposed by the country that is chosen, as long as nobody has chosen another', async () => {
    const page = await newForm('UTC');
    const trouble = watchForTrouble(page);
    const zone = page.locator('[name=zone]');
    const choose = (country: string) => page.selectOption('[name=defaultCountry]', country);
    assert.equal(await zone.inputValue(), 'UTC');
    await choose('CN');
    assert.equal(await zone.inputValue(), 'Asia/Shanghai');
    await choose('TW');
    assert.equal(await zone.inputValue(), 'Asia/Taipei');
    // It has several.
    await choose('US');
    assert.equal(await zone.inputValue(), 'UTC');
    await page.selectOption('[name=zone]', 'America/Chicago');
    await choose('CN');
    assert.equal(await zone.inputValue(), 'America/Chicago');
    assert.deepEqual(trouble, []);
  });

  it('stays where the reader’s own says more', async () => {
    const page = await newForm('America/Chicago');
    await page.selectOption('[name=defaultCountry]', 'CN');
    assert.equal(await page.locator('[name=zone]').inputValue(), 'America/Chicago');
  });
});
