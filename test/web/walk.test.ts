import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { createAreas } from '../../bin/areas.ts';
import { seedDemo, type Demo } from '../../bin/demo/seed.ts';
import { startDialerPart } from '../../bin/parts/dialer-part.ts';
import { defineCampaignJobs } from '../../campaigns/areas.ts';
import { systemClock } from '../../core/clock/clock.ts';
import { paths } from '../../core/paths.ts';
import type { Role } from '../../core/users/index.ts';
import { createWeb } from '../../web/create-web.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { skip } from '../support/skip.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../support/browser.ts';
import { faultsOf } from '../support/page-check.ts';
import { findPages, textFaults, type FoundPage } from '../support/walker.ts';
import { Visitor } from './support.ts';

const namespaces = readdirSync(join(paths.views, 'locales/en')).map((file) => file.replace(/\.json$/, ''));
const languages = ['en', 'zh-CN', 'zh-TW'] as const;
/** The language each role walks in, and how many pages it finds at least. */
const readers = {
  administrator: { language: 'en', atLeast: 60 },
  manager: { language: 'zh-CN', atLeast: 45 },
  marketing: { language: 'zh-TW', atLeast: 35 },
  supervisor: { language: 'zh-CN', atLeast: 30 },
  agent: { language: 'zh-TW', atLeast: 8 },
} satisfies Record<Role, { language: (typeof languages)[number]; atLeast: number }>;
const roles = Object.keys(readers) as Role[];
/** One page of each kind, for what only a browser sees: laying out each page for each role takes minutes. */
const kinds = {
  agent: ['/workspace', '/customers'],
  administrator: [
    '/admin',
    '/users',
    '/users/new',
    '/customers/:id',
    '/campaigns/:id',
    '/campaigns/:id/edit',
    '/campaigns/:id/dashboard',
    '/campaigns/:id/wall',
    '/imports/new',
    '/compliance/rules/sets/:name/edit',
  ],
} satisfies Partial<Record<Role, string[]>>;

describe('every page', function () {
  this.timeout(90_000);
  let app: TestApp;
  let demo: Demo;
  let browser: Browser;
  let url: string;
  const closing: (() => unknown)[] = [];
  const visitors = new Map<Role, Visitor>();
  const found = new Map<Role, FoundPage[]>();
  const accountOf = (role: Role) => demo.accounts.find((one) => one.role === role)!;

  before(async function () {
    if (!hasChromium) skip(this, 'Chromium is not installed');
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    app = await testApp({ clock: systemClock as never });
    defineCampaignJobs(app);
    demo = (await seedDemo(app, 60))!;
    const dialer = await startDialerPart(app);
    const areas = createAreas(app);
    await app.jobs.start();
    const web = createWeb(app, { areas });
    const site = await serve(web);
    url = site.url;
    browser = await launchBrowser();
    closing.push(
      () => browser.close(),
      site.close,
      () => areas.forEach((area) => area.close?.()),
      dialer.close,
      () => app.close(),
    );
    for (const role of roles) {
      const visitor = new Visitor(web);
      const { username, password } = accountOf(role);
      assert.equal((await visitor.signIn(username, password)).status, 303);
      visitors.set(role, visitor);
    }
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('that a role finds by links answers, and shows words and values only', async () => {
    const wrong: string[] = [];
    for (const role of roles) {
      const { language, atLeast } = readers[role];
      const asked = await findPages(visitors.get(role)!, language, namespaces);
      found.set(role, asked.pages);
      wrong.push(...asked.wrong.map((line) => `${role}: ${line}`));
      if (asked.pages.length < atLeast)
        wrong.push(`${role} finds only ${asked.pages.map(({ shape }) => shape).join(' ')}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('does so in each language that no role has walked it in', async () => {
    const walked = new Set(
      roles.flatMap((role) => found.get(role)!.map(({ shape }) => `${readers[role].language} ${shape}`)),
    );
    const wrong: string[] = [];
    for (const role of roles)
      for (const { href, shape } of found.get(role)!)
        for (const language of languages) {
          const key = `${language} ${shape}`;
          if (walked.has(key)) continue;
          walked.add(key);
          const answer = await visitors.get(role)!.get(href, { 'accept-language': language });
          wrong.push(...textFaults(answer.text, language, namespaces).map((fault) => `${href}: ${fault}`));
        }
    assert.deepEqual(wrong, []);
  });

  it('of an entry that a role does not have in its navigation is refused to it', async () => {
    const all = found.get('administrator')!;
    const wrong: string[] = [];
    for (const role of roles.filter((one) => one !== 'administrator')) {
      const own = new Set(found.get(role)!.map(({ under }) => under));
      // A page may stand under another entry for a role that has fewer of them.
      const finds = new Set(found.get(role)!.map(({ shape }) => shape));
      for (const { href, under, shape } of all) {
        if (under === null || own.has(under) || finds.has(shape)) continue;
        // A customer's card is part of an agent's work.
        if (role === 'agent' && /^\/customers\/:id/.test(shape)) continue;
        const { status } = await visitors.get(role)!.get(href);
        if (status !== 403) wrong.push(`${role} gets ${status} at ${href}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('of each kind fits a desk, has one heading, and a name for each button and field', async () => {
    const wrong: string[] = [];
    await Promise.all(
      Object.entries(kinds).map(async ([role, shapes]) => {
        const page = await browser.newPage({
          locale: 'en-US',
          timezoneId: 'Asia/Taipei',
          viewport: { width: 1280, height: 900 },
        });
        const trouble = watchForTrouble(page);
        const { username, password } = accountOf(role as Role);
        await signIn(page, url, username, password);
        for (const shape of shapes) {
          const href = found.get(role as Role)!.find((one) => one.shape === `${shape}?`)?.href;
          assert.ok(href, `${role} finds no ${shape}`);
          trouble.length = 0;
          await page.goto(url + href, { waitUntil: 'domcontentloaded' });
          for (const fault of await faultsOf(page, namespaces)) wrong.push(`${role} ${href}: ${fault}`);
          wrong.push(...trouble.map((line) => `${role} ${href}: ${line}`));
        }
        await page.close();
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('of an agent and of an administrator fits a phone: nothing but a table or a picture moves sideways', async () => {
    const wrong: string[] = [];
    await Promise.all(
      (['agent', 'administrator'] as const).map(async (role) => {
        const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
        const { username, password } = accountOf(role);
        await signIn(page, url, username, password);
        for (const { href } of found.get(role)!) {
          await page.goto(url + href, { waitUntil: 'domcontentloaded' });
          const faults = await faultsOf(page, namespaces);
          wrong.push(
            ...faults.filter((fault) => /wide/.test(fault)).map((fault) => `${role} ${href} ${fault}`),
          );
        }
        await page.close();
      }),
    );
    assert.deepEqual(wrong, []);
  }).timeout(240_000);

  it('takes a time of day as its reader writes it, and speaks the language of the page about it', async () => {
    const page = await browser.newPage({ locale: 'zh-CN' });
    const { username, password } = accountOf('administrator');
    await signIn(page, url, username, password);
    await page.goto(
      url + found.get('administrator')!.find(({ shape }) => shape === '/campaigns/:id/edit?')!.href,
    );
    const [from, to] = [page.locator('#f-hours_mon_0_from'), page.locator('#f-hours_mon_0_to')];
    assert.equal(await from.getAttribute('placeholder'), '时:分');
    await from.fill('下午3点30分');
    await from.press('Tab');
    assert.equal(await from.inputValue(), '15:30');
    await from.press('ArrowUp');
    assert.equal(await from.inputValue(), '15:45');
    await to.fill('23:50');
    await to.press('ArrowUp');
    assert.equal(await to.inputValue(), '24:00', 'where a day ends');
    await to.fill('soon');
    await to.press('Tab');
    const said = () => page.evaluate('document.querySelector("#f-hours_mon_0_to").validationMessage');
    assert.match(String(await said()), /请按 时:分 填写时间/);
    await to.fill('2100');
    await to.press('Tab');
    assert.deepEqual([await to.inputValue(), await said()], ['21:00', '']);
    await page.close();
  });

  it('is looked at closely enough that a fault is seen', async () => {
    const page = await browser.newPage({ viewport: { width: 834, height: 900 } });
    await page.setContent(
      `<nav class="sidebar"><a href="/x"></a></nav><h2>web:users.title</h2><input id="a" type="time"><i id="a">{{count}} 2026-01-02T03:04</i>` +
        '<div style="width:900px">NaN</div>',
    );
    const faults = (await faultsOf(page, namespaces)).join('\n');
    for (const word of [
      'too wide',
      '0 h1',
      'no label',
      "in the browser's language",
      'no name',
      'id twice',
      'marks 0',
      'raw key',
      'raw parameter',
      'raw ISO',
      'raw value',
    ])
      // prettier-ignore
      assert.match(faults, new RegExp(word));
    await page.close();
  });
});
