import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Browser } from 'playwright-core';
import { campaignAreas } from '../../../campaigns/index.ts';
import { systemClock } from '../../../core/clock/clock.ts';
import { paths } from '../../../core/paths.ts';
import { defineForecastJobs, forecastArea } from '../../../reports/forecast/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { Users } from '../../../core/users/index.ts';
import { addLeads, makeCampaign } from '../../campaigns/fixtures.ts';
import { eventually } from '../../support/eventually.ts';
import { skip } from '../../support/skip.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { hasChromium, launchBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { faultsOf } from '../../support/page-check.ts';
import { testPassword } from '../../web/support.ts';

const namespaces = readdirSync(join(paths.views, 'locales/en')).map((file) => file.replace(/\.json$/, ''));
/** The heading of the answer and the word for agents' time, as the reader sees them. */
const languages = {
  'en-US': ['What to expect', 'Agents talking or writing'],
  'zh-CN': ['预计结果', '坐席通话与小结'],
  'zh-TW': ['預期結果', '客服人員通話與話後處理'],
} as const;

/** Canvases with something drawn on them. Runs in the page. */
const drawn = `[...document.querySelectorAll('canvas[data-chart]')].filter((canvas) => {
  const { width, height } = canvas;
  return width > 0 && canvas.getContext('2d').getImageData(0, 0, width, height).data.some((value) => value > 0);
}).length`;

describe('the forecast page in Chromium', function () {
  this.timeout(400_000);
  let app: TestApp;
  let browser: Browser;
  let site: Awaited<ReturnType<typeof serve>>;
  let path: string;

  before(async function () {
    if (!hasChromium) skip(this, 'Chromium is not installed');
    execFileSync(process.execPath, [join(paths.root, 'bin/build.mjs'), '--if-changed', '--quiet']);
    app = await testApp({ clock: systemClock as never });
    defineForecastJobs(app);
    await app.jobs.start();
    const manager = { username: 'meg', name: 'Meg', role: 'manager', password: testPassword } as const;
    await new Users(app).create({ ...manager, mustChangePassword: false }, { userId: null });
    const id = await makeCampaign(app, { name: 'Spring offer' });
    await addLeads(
      app,
      id,
      Array.from({ length: 40 }, (_, n) => ({ phones: [`+1415555${1000 + n}`] })),
    );
    path = `/campaigns/${id}/forecast`;
    site = await serve(createWeb(app, { areas: [...campaignAreas(app), forecastArea(app)] }));
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await app?.close();
  });

  let played = false;
  for (const [locale, [heading, figure]] of Object.entries(languages))
    it(`shows a day that was played, first what is known so far, in ${locale}`, async () => {
      const context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
      // Days are played at low priority: on a machine with other work they take their time.
      context.setDefaultTimeout(180_000);
      const page = await context.newPage();
      const trouble = watchForTrouble(page);
      await signIn(page, site.url, 'meg', testPassword);
      await page.goto(site.url + path);
      if (!played) {
        await page.fill('#f-agents', '2');
        await page.fill('#f-from', '09:00');
        await page.fill('#f-until', '11:00');
        await page.fill('#f-talkSeconds', '60');
        await page.click('#forecast-form .btn-primary');
        await page.waitForSelector('#forecast-stop');
        // Bands come before the end, and are replaced until there is no more to stop.
        await page.waitForSelector('[data-so-far], #forecast-answer');
        await page.waitForSelector('#forecast-standing:not(:has(#forecast-stop)) #forecast-answer');
        played = true;
      }
      const text = await page.locator('#forecast-standing').innerText();
      assert.ok(text.includes(heading) && text.includes(figure), text.slice(0, 300));
      assert.ok((await page.locator('.forecast-recommended').count()) <= 1);
      // Utilization, abandonment and calls, whether the list is known or not.
      await eventually(async () => assert.ok(Number(await page.evaluate(drawn)) >= 3), 60_000);
      for (const width of [1280, 834]) {
        await page.setViewportSize({ width, height: 900 });
        // Charts follow the width of the page a moment later.
        await eventually(async () => assert.deepEqual(await faultsOf(page, namespaces), [], `at ${width}`));
      }
      assert.deepEqual(trouble, []);
      await context.close();
    });
});
