import assert from 'node:assert/strict';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { createTranslator } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';
import { dialerAreas } from '../../../dialer/areas.ts';
import { speechWav } from '../../../dialer/telephony/audio/synthetic-speech.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { launchBrowser, needBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { faultsOf } from '../../support/page-check.ts';
import { testPassword, testWeb, type TestWeb } from '../../web/support.ts';

const { namespaces } = createTranslator(`${paths.views}/locales`);

describe('quality review in a browser', function () {
  this.timeout(180_000);
  let app: TestApp;
  let t: TestWeb;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let page: Page;
  let trouble: string[];
  let recordingId: number;

  before(async function () {
    needBrowser(this);
    app = await testApp();
    t = await testWeb({ areas: dialerAreas(app) }, { db: app.db, bus: app.bus });
    await t.account('supervisor', 'sue');
    const { id: agentId } = await t.account('agent', 'ann');
    mkdirSync(join(app.config.dataDir, 'recordings'), { recursive: true });
    const path = 'recordings/talk.wav';
    await pipeline(speechWav('talk', 20_000), createWriteStream(join(app.config.dataDir, path)));
    const call = {
      id: 'talk',
      direction: 'out',
      path: 'power',
      state: 'ended',
      created_at: 1,
      user_id: agentId,
    };
    await app.db.knex('calls').insert(call);
    recordingId = await app.db.insertId('recordings', {
      ...{ call_id: 'talk', name: 'talk', state: 'stored', path, duration_ms: 20_000, user_id: agentId },
      started_at: app.clock.now() - 3 * 86_400_000,
    });
    site = await serve(t.web);
    browser = await launchBrowser(['--autoplay-policy=no-user-gesture-required']);
    page = await browser.newPage({ locale: 'en-US', viewport: { width: 1280, height: 720 } });
    trouble = watchForTrouble(page);
    await signIn(page, site.url, 'sue', testPassword);
    // Where they are sent first is no page of this area.
    trouble.length = 0;
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await app?.close();
  });

  const field = (row: number, name: string) => page.locator(`[name="questions[${row}][${name}]"]`);

  it('makes a score sheet row by row', async () => {
    await page.goto(`${site.url}/quality/sheets/new`);
    await page.fill('#f-name', 'Sales calls');
    const rows: [string, string][] = [['Opening', 'Greets the customer'], ['Law', 'Names the firm'], ['Talk', 'Tone']]; // prettier-ignore
    for (const [row, [section, text]] of rows.entries()) {
      await field(row, 'section').fill(section);
      await field(row, 'text').fill(text);
    }
    await field(1, 'isFatal').check();
    await field(2, 'kind').selectOption('points');
    await field(2, 'max').fill('5');
    await page.click('[data-row-add]');
    assert.equal(
      await field(3, 'section').inputValue(),
      'Talk',
      'the next question is mostly of the same section',
    );
    assert.equal(await field(3, 'text').inputValue(), '');
    await field(3, 'text').fill('Asks for the card');
    await field(3, 'mayNotApply').check();
    assert.deepEqual(await faultsOf(page, namespaces), []);
    await page.click('.form-buttons .btn-primary');
    await page.waitForURL('**/quality/sheets');
    assert.match(await page.locator('main').innerText(), /Sales calls/);
  });

  it('scores a call beside its wave form, with remarks at moments of it, and says what is missing', async () => {
    await page.goto(`${site.url}/recordings/${recordingId}`);
    await page.getByRole('button', { name: 'Score this call' }).click();
    await page.locator('#review-form').waitFor();
    await page.locator('[data-wave] canvas').first().waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowRight');
    await page.fill('#review-remark', 'Interrupts the customer');
    await page.click('[data-remark-add]');
    const remark = page.locator('.remark[data-at-ms]').first();
    await remark.waitFor();
    assert.equal(await remark.getAttribute('data-at-ms'), '10000', 'where the player stands');
    assert.match((await page.locator('.recording-remark').getAttribute('title'))!, /Interrupts/);
    await page.click('[data-hand-in]');
    await page.locator('[data-error-for]:not([hidden])').first().waitFor();
    assert.equal(await page.locator('[data-error-for]:not([hidden])').count(), 4);
    const answer = (row: number, value: string) =>
      page.locator('.question').nth(row).locator(`input[value="${value}"]`).check();
    await answer(0, '1');
    await answer(1, '0');
    assert.equal(await page.locator('[data-total]').innerText(), '0%');
    assert.equal(await page.locator('[data-total-fatal]').isVisible(), true);
    await answer(1, '1');
    await answer(2, '3');
    await answer(3, 'na');
    // 10 + 10 + 30 × … of the weights 10, 10 and 10.
    assert.equal(await page.locator('[data-total]').innerText(), '86.7%');
    assert.deepEqual(await faultsOf(page, namespaces), []);
    await page.fill('#review-feedback', 'Let the customer end');
    await page.click('[data-hand-in]');
    await page.waitForURL('**/quality');
    const row = await app.db.knex('quality_reviews').first();
    assert.deepEqual([row.state, row.score, row.feedback], ['scored', 8_667, 'Let the customer end']);
  });

  it('shows the agent the score and the remarks, plays from one, and takes a dispute', async () => {
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 720 } });
    const own = await context.newPage();
    const wrong = watchForTrouble(own);
    await signIn(own, site.url, 'ann', testPassword);
    wrong.length = 0;
    await own.goto(`${site.url}/quality/mine`);
    await own.locator('tbody a').first().click();
    await own.locator('.recording-remark').waitFor({ state: 'attached' });
    assert.match(await own.locator('main').innerText(), /86\.7%[\s\S]*Let the customer end[\s\S]*Interrupts/);
    assert.deepEqual(await faultsOf(own, namespaces), []);
    await own.click('[data-remark-play]');
    await eventually(async () => assert.match(await own.locator('[data-at]').innerText(), /^0:1\d/));
    await own.fill('#own-reply', 'It was the customer who spoke');
    await own.click('button[value="dispute"]');
    await own.getByText('Your dispute is with the reviewer.').waitFor();
    assert.deepEqual(wrong, []);
    await context.close();
  });

  it('settles the dispute, and has no fault in any language, narrow or wide', async () => {
    await page.goto(`${site.url}/recordings/${recordingId}`);
    assert.match(await page.locator('#review-form').innerText(), /It was the customer who spoke/);
    await page.locator('.question').nth(2).locator('input[value="5"]').check();
    await page.fill('#review-settlement', 'Agreed');
    await page.click('[data-hand-in]');
    await page.waitForURL('**/quality');
    assert.equal((await app.db.knex('quality_reviews').first()).score, 10_000);
    assert.deepEqual(
      trouble.map((line) => /\d{3}/.exec(line)?.[0]),
      ['422'],
      'the sheet that was not whole',
    );
    const pages = [`/recordings/${recordingId}`, '/quality', '/quality?whose=all&state=settled', '/quality/averages', '/quality/sheets', '/quality/sheets/1', '/quality/plans/new', '/quality/calibrations']; // prettier-ignore
    for (const locale of ['en-US', 'zh-CN', 'zh-TW'])
      for (const width of [1280, 390]) {
        const context = await browser.newContext({ locale, viewport: { width, height: 720 } });
        const other = await context.newPage();
        await signIn(other, site.url, 'sue', testPassword);
        for (const path of pages) {
          await other.goto(site.url + path);
          assert.deepEqual(await faultsOf(other, namespaces), [], `${path} ${locale} ${width}`);
        }
        await context.close();
      }
  });
});
