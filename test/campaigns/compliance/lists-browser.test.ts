import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { complianceAreas } from '../../../campaigns/compliance/compliance-areas.ts';
import { createScrubStore } from '../../../campaigns/compliance/index.ts';
import { createScrubProposals } from '../../../campaigns/compliance/scrubs/scrub-proposal-store.ts';
import { createScrubRetirements } from '../../../campaigns/compliance/scrubs/scrub-retirement-store.ts';
import { paths } from '../../../core/paths.ts';
import { Users } from '../../../core/users/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { faultsOf } from '../../support/page-check.ts';
import { skip } from '../../support/skip.ts';
import { testPassword } from '../../web/support.ts';

const namespaces = readdirSync(join(paths.views, 'locales/en')).map((file) => file.replace(/\.json$/, ''));

describe('official lists in Chromium', function () {
  this.timeout(90_000);
  let app: TestApp;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;

  before(async function () {
    if (!hasChromium) skip(this, 'Chromium is not installed');
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    app = await testApp();
    site = await serve(createWeb(app, { areas: complianceAreas(app) }));
    const [store, now] = [createScrubStore(app), app.clock.now()];
    const list = { kind: 'national', country: 'US', name: 'Registry', scrubbedOn: '2026-11-20', fileName: 'r.txt', loadedBy: 1 } as const; // prettier-ignore
    const counts = { numbers: 9, refused: 0, taken: 0, counted_from: null };
    const standing = await store.create({ ...list, areas: ['+1212', '+1646'] }, now);
    await store.activate(standing, { from: 'loading', replaces: null, counts, now });
    await createScrubRetirements(app).propose({ listId: standing, reason: 'register closed' }, { by: 1, at: now }); // prettier-ignore
    const next = await store.create({ ...list, areas: [] }, now);
    const doubts = [{ code: 'wholeCountry', before: '+1212 +1646' }] as const;
    await createScrubProposals(app).propose(next, { replaces: standing, counts, doubts, by: 1, now });
    await new Users(app).create(
      { username: 'ada', name: 'ada', role: 'manager', password: testPassword, mustChangePassword: false },
      { userId: null },
    );
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await app?.close();
  });

  it('a new edition speaks of the areas of the one in force, until somebody says otherwise', async () => {
    const page = await browser.newPage({ locale: 'en-US' });
    await signIn(page, site.url, 'ada', testPassword);
    const trouble = watchForTrouble(page);
    await page.goto(`${site.url}/compliance/lists/new`);
    await page.selectOption('[name=country]', 'US');
    const areas = page.locator('[name=areas]');
    await page.fill('[name=name]', 'Registry');
    assert.equal(await areas.inputValue(), '+1212 +1646');
    await page.fill('[name=name]', 'Another');
    assert.equal(await areas.inputValue(), '');
    await areas.fill('917');
    await page.fill('[name=name]', 'Registry');
    assert.equal(await areas.inputValue(), '917');
    assert.deepEqual(trouble, []);
  });

  it('fault: a name in force is typed wrong – nothing is sent before it is said whether it is that list', async () => {
    const page = await browser.newPage({ locale: 'en-US' });
    await signIn(page, site.url, 'ada', testPassword);
    const trouble = watchForTrouble(page);
    let sent = 0;
    await page.route('**/compliance/lists', (route) => {
      sent += 1;
      return route.fulfill({ status: 422, json: { detail: 'seen' } });
    });
    await page.goto(`${site.url}/compliance/lists/new`);
    await page.selectOption('[name=country]', 'US');
    const offered = () => page.locator('#names-in-force option').evaluateAll((all) => all.map((one) => (one as unknown as { value: string }).value)); // prettier-ignore
    assert.deepEqual(await offered(), ['Registry']);
    const question = page.locator('#beside');
    await page.fill('[name=name]', 'Regsitry');
    await page.setInputFiles('#f-file', {
      name: 'r.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('1\n'),
    });
    await page.locator('[name=name]').blur();
    await question.waitFor();
    await page.click('#upload-start');
    await page.locator('#upload-error', { hasText: 'Say first whether' }).waitFor();
    assert.equal(sent, 0);
    assert.equal(await page.locator('#beside :focus').inputValue(), 'Registry');
    await page.getByLabel('“Registry” (+1212 +1646): this is its next edition').click();
    await question.waitFor({ state: 'hidden' });
    assert.equal(await page.inputValue('[name=name]'), 'Registry');
    assert.equal(await page.inputValue('[name=areas]'), '+1212 +1646');
    await page.fill('[name=name]', 'Registry B');
    await page.locator('[name=name]').blur();
    await page.getByLabel('Another register').check();
    const body = page.waitForRequest((request) => request.method() === 'POST');
    await page.click('#upload-start');
    assert.match((await body).postDataBuffer()!.toString(), /name="beside"\r\n\r\nyes/);
    await page.locator('#upload-error', { hasText: 'seen' }).waitFor();
    await page.selectOption('[name=country]', 'CA');
    await question.waitFor({ state: 'hidden' });
    assert.deepEqual([sent, await offered()], [1, []]);
    assert.deepEqual(
      trouble.filter((line) => !/422/.test(line)),
      [],
    );
  });

  it('say what waits for somebody else and why, in every language', async () => {
    for (const [locale, words] of [
      ['en-US', 'To be retired: register closed'],
      ['zh-CN', '申请停用'],
      ['zh-TW', '申請停用'],
    ] as const) {
      const page = await browser.newPage({ locale, viewport: { width: 1280, height: 800 } });
      await signIn(page, site.url, 'ada', testPassword);
      const trouble = watchForTrouble(page);
      await page.goto(`${site.url}/compliance/lists`);
      await page.locator('td', { hasText: words }).waitFor();
      await page.locator('li', { hasText: '+1212 +1646' }).waitFor();
      assert.deepEqual(await faultsOf(page, namespaces), []);
      assert.deepEqual(trouble, []);
    }
  });
});
