import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import {
  campaignAreas,
  createCustomersFilter,
  defineCampaignJobs,
  prepareCampaigns,
} from '../../../campaigns/index.ts';
import { batchSizes } from '../../../campaigns/import/jobs/import-job.ts';
import { createImportStore } from '../../../campaigns/import/import-store.ts';
import { systemClock } from '../../../core/clock/clock.ts';
import type { Database } from '../../../core/database/database.ts';
import { paths } from '../../../core/paths.ts';
import { Users } from '../../../core/users/index.ts';
import { createScriptSurroundings } from '../../../campaigns/campaigns/index.ts';
import { crmAreas } from '../../../crm/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { skip } from '../../support/skip.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { faultsOf } from '../../support/page-check.ts';
import { testPassword } from '../../web/support.ts';
import { usNumber } from './files.ts';

const rows = 6 * batchSizes.sqlite;
const namespaces = readdirSync(join(paths.views, 'locales/en')).map((file) => file.replace(/\.json$/, ''));

/** Lets transactions begin until so many rows are written; what wants to begin then waits until it is let on. */
class Brake {
  readonly #written: () => Promise<number>;
  #limit = Infinity;
  #waiting: (() => void)[] = [];

  constructor(written: () => Promise<number>) {
    this.#written = written;
  }

  /** From here on: no transaction begins once so many rows are written. What waits begins, and is asked anew. */
  at(limit: number): void {
    this.#limit = limit;
    for (const go of this.#waiting.splice(0)) go();
  }

  on(db: Database): Database {
    const held: Database['transaction'] = async (work) => {
      while ((await this.#written()) >= this.#limit) await new Promise<void>((go) => this.#waiting.push(go));
      return db.transaction(work);
    };
    return new Proxy(db, {
      get(target, name) {
        if (name === 'transaction') return held;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}

describe('an import in Chromium', function () {
  this.timeout(90_000);
  let app: TestApp;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let importId = 0;
  const item = async () => (await createImportStore(app).get(importId))!;
  const customers = async () => Number((await app.db.knex('customers').count({ n: '*' }).first())!.n);
  const brake = new Brake(async () => (importId === 0 ? 0 : (await item()).rowsDone));

  before(async function () {
    if (!hasChromium) skip(this, 'Chromium is not installed');
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    app = await testApp({ clock: systemClock as never });
    defineCampaignJobs({ ...app, db: brake.on(app.db) });
    await prepareCampaigns(app);
    await app.jobs.start();
    const areas = [
      ...crmAreas(app, createCustomersFilter(app), createScriptSurroundings(app)),
      ...campaignAreas(app),
    ];
    site = await serve(createWeb(app, { areas }));
    for (const username of ['ada', 'cyril'])
      await new Users(app).create(
        { username, name: username, role: 'marketing', password: testPassword, mustChangePassword: false },
        { userId: null },
      );
    browser = await launchBrowser();
  });
  after(async () => {
    brake.at(Infinity);
    await browser?.close();
    await site?.close();
    await app?.close();
  });

  async function open(username: string, locale: string): Promise<{ page: Page; trouble: string[] }> {
    const page = await browser.newPage({ locale, viewport: { width: 1280, height: 800 } });
    await signIn(page, site.url, username, testPassword);
    return { page, trouble: watchForTrouble(page) };
  }
  /** The next drawing of what the page asks for every second. */
  const drawn = (page: Page) => page.waitForResponse((response) => response.url().endsWith('/live'));

  it('is looked at before it is written, tells how far it is, pauses, goes on, stops in the middle and is taken back', async () => {
    const path = join(app.config.dataDir, 'spring.csv');
    const lines = Array.from({ length: rows }, (_, row) => `Person ${row},${usNumber(row)}`);
    writeFileSync(path, `Name,Phone\n${lines.join('\n')}\n`);
    const { page, trouble } = await open('ada', 'en-US');
    await page.goto(`${site.url}/imports/new`);
    await page.setInputFiles('#f-file', path);
    assert.equal(await page.locator('[data-file-name]').textContent(), 'spring.csv');
    await page.click('#upload-button');
    const asked = 'document.querySelector("#f-defaultCountry").validationMessage';
    assert.match(String(await page.evaluate(asked)), /choose/, 'whose numbers they are is not guessed');
    await page.selectOption('#f-defaultCountry', 'US');
    await page.click('#upload-button');
    await page.waitForURL('**/columns');
    importId = Number(/imports\/(\d+)/.exec(page.url())![1]);
    assert.match((await page.locator('.preview-table').textContent())!, /Person 0/);
    brake.at(batchSizes.sqlite);
    await page.click('#columns-form .btn-primary');
    await page.click('#import-stop');
    await page.locator('[role=status]', { hasText: 'The check was stopped after' }).waitFor();
    brake.at(Infinity);
    await page.click('#columns-form .btn-primary');
    await page.locator('form[action$="/commit"] button').waitFor();
    assert.equal(await customers(), 0, 'nothing is written before somebody says so');

    brake.at(batchSizes.sqlite);
    await page.click('form[action$="/commit"] button');
    await page.locator('.progress-text', { hasText: `500 of ${rows.toLocaleString('en')}` }).waitFor();
    await page.locator('.pace', { hasText: /[\d,]+ rows a second, .*left/ }).waitFor();
    const other = await open('cyril', 'zh-TW');
    await other.page.goto(`${site.url}/imports/${importId}`);
    await other.page.locator('.pace', { hasText: /每秒 [\d,]+ 列，約剩/ }).waitFor();
    assert.deepEqual(await faultsOf(other.page, namespaces), []);

    // Somebody else pauses it: the page that was open follows.
    await other.page.click('#import-pause');
    await page.locator('form[action$="/commit"] button', { hasText: 'Go on' }).waitFor();
    assert.equal((await item()).state, 'paused');
    brake.at(2 * batchSizes.sqlite);
    await page.click('form[action$="/commit"] button');
    await page.locator('.progress-text', { hasText: '1,000 of' }).waitFor();
    assert.equal(await customers(), 2 * batchSizes.sqlite, 'it went on where it was paused');

    // The page is drawn anew every second: whoever thinks before answering is answered all the same.
    await page.click('#import-stop');
    await page.locator('#confirm-dialog[open]').waitFor();
    await drawn(page);
    await page.click('#confirm-ok');
    await page.locator('form[action$="/undo"] button').waitFor();
    brake.at(Infinity);
    assert.equal((await item()).state, 'stopped');

    await page.click('form[action$="/undo"] button');
    await page.click('#confirm-ok');
    await page.locator('.notice-info', { hasText: '1,000' }).waitFor();
    assert.equal((await item()).state, 'undone');
    assert.equal(await customers(), 0);
    assert.deepEqual([...trouble, ...other.trouble], []);
  });
});
