import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { systemClock } from '../../core/clock/clock.ts';
import { paths } from '../../core/paths.ts';
import { demoAccounts } from '../../core/users/index.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../support/browser.ts';
import { skip } from '../support/skip.ts';
import { testPassword, testWeb, type TestWeb } from './support.ts';

describe('pages in Chromium', function () {
  this.timeout(60_000);
  let t: TestWeb;
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serve>>;

  before(async function () {
    if (!hasChromium) skip(this, 'Chromium is not installed');
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    t = await testWeb({}, { clock: systemClock as never });
    site = await serve(t.web);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await t?.close();
  });

  async function newPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<[Page, string[]]> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    return [page, watchForTrouble(page)];
  }

  it('sign in by one click on a demo account, and break no rule of their own Content-Security-Policy', async () => {
    const account = { username: 'admin', password: testPassword, role: 'administrator' as const };
    await t.account('administrator', 'admin');
    await t.app.settings.set(demoAccounts, [account], { userId: null });
    const [page, trouble] = await newPage();
    await page.goto(site.url);
    await page.click('.demo-account');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin');
    for (const path of ['/users', '/users/new', '/users/1', '/audit', '/settings', '/profile', '/password']) {
      await page.goto(site.url + path);
      assert.equal(await page.locator('h1').count(), 1, path);
    }
    assert.deepEqual(trouble, []);
    await page.close();
  });

  it('switch language and look in place, and keep them for the next visit', async () => {
    await t.account('agent', 'switcher');
    const [page, trouble] = await newPage({ locale: 'en-US', colorScheme: 'dark' });
    await page.goto(`${site.url}/sign-in`);
    assert.equal(await page.locator('html').getAttribute('data-bs-theme'), 'dark');
    await signIn(page, site.url, 'switcher', testPassword).catch(() => {}); // an agent's home is not in this test
    await page.goto(`${site.url}/profile`);
    await page.click('.topbar .dropdown:has([lang="zh-TW"]) > button');
    await page.click('button[lang="zh-TW"]');
    await page.waitForSelector('html[lang="zh-TW"]');
    assert.equal(new URL(page.url()).pathname, '/profile');
    assert.equal(await page.locator('h1').textContent(), '個人資料');
    await page.click('.topbar .dropdown:has([value="light"]) > button');
    await page.click('button[value="light"]');
    await page.waitForSelector('html[data-bs-theme="light"]');
    const background = await page.evaluate(
      'getComputedStyle(document.querySelector(".card")).backgroundColor',
    );
    assert.equal(background, 'rgb(255, 255, 255)');
    await page.context().clearCookies();
    await page.goto(`${site.url}/sign-in`);
    await page.fill('#f-username', 'switcher');
    await page.fill('#f-password', testPassword);
    await page.keyboard.press('Enter');
    await page.waitForSelector('html[lang="zh-TW"][data-bs-theme="light"]');
    assert.deepEqual(
      trouble.filter((line) => !line.includes('404')),
      [],
    );
    await page.close();
  });

  it('ask before an account is disabled, by keyboard alone, and take the reason', async () => {
    const { id } = await t.account('agent', 'leaving');
    await t.account('administrator', 'keyboard');
    const [page, trouble] = await newPage();
    await signIn(page, site.url, 'keyboard', testPassword);
    await page.goto(`${site.url}/users/${id}`);
    await page.focus('form[data-confirm-reason] button');
    await page.keyboard.press('Enter');
    const ok = page.locator('#confirm-ok');
    await ok.waitFor();
    assert.equal(await page.evaluate('document.activeElement.id'), 'confirm-reason');
    assert.equal(await ok.isDisabled(), true);
    await page.keyboard.press('Escape');
    assert.equal((await t.users.store.byId(id))!.disabledAt, null);
    await page.keyboard.press('Enter');
    await page.keyboard.type('left the firm');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/users');
    assert.match((await page.locator('.toast-note').textContent()) ?? '', /Account disabled/);
    assert.notEqual((await t.users.store.byId(id))!.disabledAt, null);
    assert.deepEqual(trouble, []);
    await page.close();
  });

  it('ask again in the moment after a question was left', async () => {
    const { id } = await t.account('agent', 'twice');
    await t.account('administrator', 'hasty');
    const [page] = await newPage();
    await signIn(page, site.url, 'hasty', testPassword);
    await page.goto(`${site.url}/users/${id}`);
    await page.focus('form[data-confirm-reason] button');
    await page.keyboard.press('Enter');
    await page.locator('#confirm-ok').waitFor();
    // The event of the closing is told only after both.
    await page.evaluate(
      'document.querySelector("#confirm-dialog").close(); document.querySelector("form[data-confirm-reason] button").click()',
    );
    await page.fill('#confirm-reason', 'left the firm');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/users', { timeout: 10_000 });
    assert.notEqual((await t.users.store.byId(id))!.disabledAt, null);
    await page.close();
  });

  it('put the focus on the first wrong field, and keep what was typed', async () => {
    await t.account('administrator', 'typist');
    const [page] = await newPage();
    await signIn(page, site.url, 'typist', testPassword);
    await page.goto(`${site.url}/users/new`);
    await page.fill('#f-username', 'two words');
    await page.fill('#f-name', '林美');
    await page.click('.form-buttons .btn-primary');
    await page.waitForSelector('[aria-invalid="true"]');
    assert.equal(await page.evaluate('document.activeElement.id'), 'f-username');
    assert.equal(await page.inputValue('#f-name'), '林美');
    const note = await page.locator('#f-username-note .field-error').textContent();
    assert.match(note ?? '', /Letters, digits/);
    await page.close();
  });

  it('ask before a changed form is left, also when another form of the page is saved', async () => {
    const [page] = await newPage();
    await page.goto(site.url);
    await page.click('.demo-account');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/admin');
    await page.goto(`${site.url}/settings`);
    const asked: string[] = [];
    let stay = true;
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void (stay ? dialog.dismiss() : dialog.accept());
    });
    const sections = page.locator('.settings-groups form');
    const [changed, other] = [sections.nth(0), sections.nth(1)];
    const field = changed.locator('input[type="text"], input[type="number"], input:not([type])').first();
    await field.fill('41');
    const question = page.waitForEvent('dialog');
    await other.locator('.form-buttons .btn-primary').click();
    await question;
    assert.deepEqual(asked, ['beforeunload']);
    assert.equal(await field.inputValue(), '41');
    await page.waitForSelector('.btn-busy', { state: 'detached' });
    stay = false;
    await page.goto(`${site.url}/settings`);
    assert.equal(asked.length, 2);
    await page.locator('.settings-groups form').nth(1).locator('.form-buttons .btn-primary').click();
    await page.waitForLoadState();
    assert.equal(asked.length, 2, 'nothing was changed');
    await page.close();
  });

  it('take a day typed as the reader writes it or chosen by keys, and speak the language of the page about it', async () => {
    await t.account('administrator', 'dater');
    const [page, trouble] = await newPage({ locale: 'zh-TW', timezoneId: 'Asia/Taipei' });
    await signIn(page, site.url, 'dater', testPassword);
    await page.goto(`${site.url}/audit`);
    assert.equal(await page.getAttribute('#f-from', 'placeholder'), '年-月-日');
    await page.fill('#f-from', '2026年2月28日');
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=2026-02-28/);

    await page.locator('#f-from + [data-date-open]').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight'); // The first of March
    assert.equal(await page.locator('.month-name').textContent(), '2026年3月');
    assert.equal(
      await page.evaluate('document.activeElement.getAttribute("aria-label")'),
      '2026年3月1日 星期日',
    );
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.month-panel').count(), 0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/from=2026-03-28/);

    await page.fill('#f-from', '2026-02-30');
    await page.keyboard.press('Enter');
    const said = await page.evaluate('document.querySelector("#f-from").validationMessage');
    assert.match(String(said), /請按 年-月-日 填寫日期/);
    assert.match(page.url(), /from=2026-03-28/, 'a day that does not exist is not sent');
    assert.deepEqual(trouble, []);
    await page.close();
  });

  it('say what a field lacks in the language of the page, and take it once it is there', async () => {
    await t.account('administrator', 'worder');
    const asked = { 'en-GB': /Please fill this in/, 'zh-CN': /^必填/, 'zh-TW': /^必填/ };
    for (const [locale, words] of Object.entries(asked)) {
      const [page, trouble] = await newPage({ locale });
      await signIn(page, site.url, 'worder', testPassword);
      await page.goto(`${site.url}/users/new`);
      // Limits and shapes stand on few fields here: any field may have them.
      await page.evaluate(
        `Object.assign(document.querySelector('#f-name'), { type: 'number', min: '5', max: '2000' })`,
      );
      const said = async () =>
        String(await page.evaluate(`document.querySelector('#f-name').validationMessage`));
      const send = () => page.locator('#main form .btn-primary').click();
      await page.fill('#f-name', '');
      await send();
      assert.match(await said(), words);
      await page.fill('#f-name', '3');
      assert.doesNotMatch(await said(), words, 'taken back with the first sign');
      await send();
      assert.match(await said(), locale === 'en-GB' ? /At least 5/ : /^(不能小于|不可小於) 5$/);
      await page.fill('#f-name', '3000');
      await send();
      assert.match(await said(), /2,000/);
      await page.fill('#f-name', '7');
      await page.keyboard.press('Tab');
      assert.equal(await said(), '');
      assert.deepEqual(trouble, []);
      await page.close();
    }
  });

  it('filter and choose columns without a click too many, and keep it in the address', async () => {
    await t.account('administrator', 'filterer');
    const [page, trouble] = await newPage();
    await signIn(page, site.url, 'filterer', testPassword);
    await page.goto(`${site.url}/users?sort=-username`);
    await page.selectOption('#f-role', 'agent');
    await page.waitForURL(/role=agent/);
    const url = new URL(page.url());
    assert.equal(url.searchParams.get('sort'), '-username');
    assert.equal(url.searchParams.has('q'), false);
    await page.click('.list-buttons button');
    await page.uncheck('[data-columns] input[value="phone"]');
    await page.click('[data-columns] button');
    await page.waitForURL(/columns=/);
    assert.equal(new URL(page.url()).searchParams.get('role'), 'agent');
    assert.equal(await page.locator('th', { hasText: 'Phone' }).count(), 0);
    assert.deepEqual(trouble, []);
    await page.close();
  });

  it('write times in the reader’s own zone', async () => {
    await t.account('administrator', 'traveller');
    const [page] = await newPage({ timezoneId: 'Asia/Kathmandu' });
    await signIn(page, site.url, 'traveller', testPassword);
    await page.goto(`${site.url}/users`);
    const shown = await page.locator('tbody tr', { hasText: 'traveller' }).locator('td').nth(5).textContent();
    const minutes = new Date((await t.users.store.byUsername('traveller'))!.user.updatedAt).getUTCMinutes();
    assert.equal(Number(shown!.slice(-2)), (minutes + 45) % 60);
    await page.close();
  });

  it('have targets of 24 px and more, and nothing wider than a tablet', async () => {
    await t.account('administrator', 'tablet');
    const [page] = await newPage({ viewport: { width: 768, height: 1024 } });
    await signIn(page, site.url, 'tablet', testPassword);
    for (const path of ['/admin', '/users', '/users/1', '/audit', '/settings', '/profile']) {
      await page.goto(site.url + path);
      const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok((wide as number) <= 0, `${path} is ${wide} px too wide`);
      const small =
        await page.evaluate(`[...document.querySelectorAll('button, select, input:not([type=hidden]), .btn, nav a, .page-back')]
        .filter((e) => e.checkVisibility() && !e.closest('label'))
        .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && (box.height < 24 || box.width < 24))
        .map(([html]) => html)`);
      assert.deepEqual(small, [], path);
    }
    await page.close();
  });
});
