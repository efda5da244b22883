import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser, BrowserContext } from 'playwright-core';
import { createAreas } from '../../bin/areas.ts';
import { startRobots } from '../../bin/demo/robots.ts';
import { seedDemo, type Demo } from '../../bin/demo/seed.ts';
import { startDialerPart } from '../../bin/parts/dialer-part.ts';
import { defineCampaignJobs } from '../../campaigns/areas.ts';
import { systemClock } from '../../core/clock/clock.ts';
import { paths } from '../../core/paths.ts';
import { createWeb } from '../../web/create-web.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../support/browser.ts';
import { faultsOf } from '../support/page-check.ts';

const languages = ['en-US', 'zh-CN', 'zh-TW'];
const widths = [1280, 834];
const namespaces = readdirSync(join(paths.views, 'locales/en')).map((file) => file.replace(/\.json$/, ''));

/** Two addresses of the same shape are one page with other data. */
const shapeOf = (href: string) => {
  const url = new URL(href, 'http://here');
  return `${url.pathname.replace(/\d+/g, ':id')}?${[...url.searchParams.keys()].sort().join()}`;
};

/** What is the same for two readers of one page: neither tokens nor figures nor whose navigation it stands beside. */
const lookOf = (html: string) => {
  const layout = /<body class="[^"]*"/.exec(html)?.[0] ?? '';
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html;
  return layout + main.replace(/(?:value|nonce)="[^"]{20,}"/g, '').replace(/\d+/g, '0');
};

describe('every page', function () {
  this.timeout(180_000);
  let app: TestApp;
  let demo: Demo;
  let browser: Browser;
  let url: string;
  const closing: (() => unknown)[] = [];

  before(async function () {
    if (!hasChromium) this.skip();
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    app = await testApp({ clock: systemClock as never });
    defineCampaignJobs(app);
    demo = (await seedDemo(app))!;
    const dialer = await startDialerPart(app);
    const areas = createAreas(app);
    const robots = await startRobots(app, demo.robotIds);
    await app.jobs.start();
    const site = await serve(createWeb(app, { areas }));
    url = site.url;
    browser = await launchBrowser();
    closing.push(
      () => browser.close(),
      site.close,
      () => robots.close(),
    );
    closing.push(
      () => areas.forEach((area) => area.close?.()),
      dialer.close,
      () => app.close(),
    );
  });
  after(async () => {
    for (const close of closing) await close();
  });

  /** What has been looked at, in each language: the same page of another role is not opened again. */
  const known = new Set<string>();

  /** From the navigation on, by every link, to each shape of page once. Returns what is wrong, and where it has been. */
  async function walk(
    context: BrowserContext,
    username: string,
  ): Promise<{ wrong: string[]; seen: string[] }> {
    const page = await context.newPage();
    const trouble = watchForTrouble(page);
    const account = demo.accounts.find((one) => one.username === username)!;
    await signIn(page, url, account.username, account.password);
    const language = await page.locator('html').getAttribute('lang');
    const queue = ['/', '/profile', '/password'];
    const seen = new Set(queue.map(shapeOf));
    const wrong: string[] = [];
    for (let href = queue.shift(); href; href = queue.shift()) {
      const answer = await context.request.get(url + href);
      if (answer.status() !== 200) wrong.push(`${href} answers ${answer.status()}`);
      const html = await answer.text();
      const marks = html.match(/<a[^>]*(?:sidebar|topbar)-link[^>]*aria-current=/g)?.length ?? 0;
      const ofNobody = /^\/(profile|password)/.test(href) || html.includes('<body class="wall">');
      if (marks !== (ofNobody ? 0 : 1)) wrong.push(`${href} marks ${marks} navigation entries`);
      const look = `${language} ${lookOf(html)}`;
      if (!known.has(look)) {
        known.add(look);
        trouble.length = 0;
        await page.setViewportSize({ width: widths[0]!, height: 900 });
        await page.goto(url + href, { waitUntil: 'domcontentloaded' });
        for (const width of widths) {
          if (width !== widths[0]) await page.setViewportSize({ width, height: 900 });
          for (const fault of await faultsOf(page, namespaces)) wrong.push(`${href} at ${width}: ${fault}`);
        }
        for (const line of trouble) wrong.push(`${href}: ${line}`);
      }
      for (const [tag, link] of html.matchAll(/<a\b[^>]*\bhref="(\/[^"#]*)[^>]*>/g)) {
        const plain = link!.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
        // Sorted, paged and exported it is still the same page.
        if (/\bdownload\b/.test(tag) || /[?&](sort|page|size|format|columns)=/.test(plain)) continue;
        if (/\.(csv|xlsx|wav)$/.test(plain) || seen.has(shapeOf(plain))) continue;
        seen.add(shapeOf(plain));
        queue.push(plain);
      }
    }
    await page.close();
    return { wrong, seen: [...seen] };
  }

  for (const [role, atLeast] of Object.entries({
    agent: 6,
  }))
    it(`of the ${role} stands in three languages at two widths, with nothing raw, unnamed or too wide`, async () => {
      const walks = languages.map(async (locale) => {
        const context = await browser.newContext({ locale, timezoneId: 'Asia/Taipei' });
        const { wrong, seen } = await walk(context, role);
        await context.close();
        assert.ok(seen.length >= atLeast, `only ${seen.length} pages were found: ${seen.join(' ')}`);
        return wrong.map((line) => `${locale} ${line}`);
      });
      assert.deepEqual((await Promise.all(walks)).flat(), []);
    });

  it('is looked at closely enough that a fault is seen', async () => {
    const page = await browser.newPage({ viewport: { width: 834, height: 900 } });
    await page.setContent(
      `<nav class="sidebar"><a href="/x"></a></nav><h2>web:users.title</h2><input id="a"><i id="a">{{count}} 2026-01-02T03:04</i>` +
        '<div style="width:900px">NaN</div>',
    );
    const faults = (await faultsOf(page, namespaces)).join('\n');
    for (const word of [
      'too wide',
      '0 h1',
      'no label',
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
