import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { createTranslator } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';
import { makeCampaign } from '../../campaigns/fixtures.ts';
import { launchBrowser, needBrowser, serve, signIn, watchForTrouble } from '../../support/browser.ts';
import { eventually } from '../../support/eventually.ts';
import { faultsOf } from '../../support/page-check.ts';
import { testPassword } from '../../web/support.ts';
import { callOf } from '../workspace/support.ts';
import { testFloor, type TestFloor } from './support.ts';

const { namespaces } = createTranslator(`${paths.views}/locales`);

describe('the floor in a browser', function () {
  this.timeout(180_000);
  let f: TestFloor;
  let site: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let page: Page;
  let trouble: string[];
  let campaignId: number;
  let ids: number[];
  let forced: Record<string, unknown>[];

  before(async function () {
    needBrowser(this);
    f = await testFloor();
    campaignId = await makeCampaign(f.app, { name: 'Spring' });
    await makeCampaign(f.app, { name: 'Autumn' });
    ids = await f.agents(Array.from({ length: 60 }, (_, n) => `Agent ${n}`));
    const since = f.app.clock.now() - 20_000;
    const campaigns = [{ id: campaignId, name: 'Spring', mode: 'predictive', state: 'running' }];
    for (const id of ids) f.set(id, { state: 'ready', phone: 'up', since, campaigns }, { tell: false });
    forced = [];
    f.app.bus.respond('agent.force', (payload) => (forced.push(payload as never), { state: 'paused' }));
    const view = { id: 'm1', step: 2, callId: 'c1', since, ended: null, simulated: true, state: 'on' };
    for (const name of ['prepare', 'start', 'keep', 'stop'])
      f.app.bus.respond(`monitor.${name}`, (payload) =>
        name === 'start' ? { ...view, ...(payload as object) } : {},
      );
    await f.account('supervisor', 'sue');
    site = await serve(f.web);
    browser = await launchBrowser();
    page = await browser.newPage({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
    trouble = watchForTrouble(page);
    await signIn(page, site.url, 'sue', testPassword);
    await open('/floor');
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await f?.close();
  });

  async function open(path: string): Promise<void> {
    await page.goto(site.url + path);
    await page.locator('.fl-tile').first().waitFor();
  }
  const tile = (id: number) => page.locator(`[data-agent="${id}"]`);
  const count = (group: string) => page.locator(`[data-count="${group}"]`).innerText();
  /** Until it holds, with time going on as events need it to be told. */
  const comes = (check: () => Promise<void>) =>
    eventually(async () => {
      f.app.clock.advance(250);
      await check();
    }, 30_000);
  const talk = (id: number, since = f.app.clock.now()) =>
    f.set(id, {
      ...{ state: 'on-call', since },
      call: callOf({ id: 'c1', campaignId, e164: '+14155550123', connectedAt: since }),
    });

  it('holds 60 agents at 1440 pixels without scrolling, and has no fault in any language', async () => {
    assert.equal(await page.locator('.fl-tile').count(), 60);
    const bottom = await page.locator('.fl-tile').last().boundingBox();
    assert.ok(bottom && bottom.y + bottom.height <= 900, JSON.stringify(bottom));
    assert.deepEqual(await faultsOf(page, namespaces), []);
    for (const locale of ['zh-CN', 'zh-TW']) {
      const context = await browser.newContext({ locale, viewport: { width: 1280, height: 720 } });
      const other = await context.newPage();
      await signIn(other, site.url, 'sue', testPassword);
      await other.goto(`${site.url}/floor`);
      await other.locator('.fl-tile').first().waitFor();
      assert.deepEqual(await faultsOf(other, namespaces), [], locale);
      await context.close();
    }
  });

  it('shows a new state with word, icon and colour, and each call that waits, without a reload', async () => {
    talk(ids[3]!);
    f.call({ id: 'w1', state: 'waiting', campaignId });
    await comes(async () => {
      assert.match((await tile(ids[3]!).getAttribute('class')) ?? '', /state-call/);
      assert.match(await tile(ids[3]!).innerText(), /On call/);
      assert.equal(await tile(ids[3]!).locator('svg').count(), 1);
      assert.equal(await count('call'), '1');
      assert.match(await page.locator('.fl-calls').innerText(), /Waiting for an agent/);
    });
    f.call({ id: 'w1', state: 'parked', userId: ids[3]!, parkSlot: 2 });
    await comes(async () => {
      const text = await page.locator('.fl-calls').innerText();
      assert.match(text, /Parked 2/);
      assert.ok(text.includes(`parked by ${await tile(ids[3]!).locator('.fl-name').innerText()}`), text);
    });
    f.call({ id: 'w1', state: 'waiting', parkSlot: 2 });
    await comes(async () => assert.match(await page.locator('.fl-calls').innerText(), /Back from 2, rings/));
    f.call({ id: 'w1', state: 'ended' });
    await comes(async () => assert.match(await page.locator('.fl-calls').innerText(), /No call waits/));
  });

  it('says how each talk sounds, in figure, word and bars, and what is poor stands out and is told', async () => {
    const shoot = async (name: string) => {
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
    };
    const sounds = (id: number, mos: number, callId = `line ${id}`) =>
      f.app.bus.publish('line.now', { userId: id, callId, mos, jitterMs: 42, loss: 0.061, roundTripMs: 210 });
    const lines: readonly (readonly [number, number, string])[] = [
      [ids[20]!, 4.31, '4.3 good'],
      [ids[21]!, 3.7, '3.7 fair'],
      [ids[22]!, 3.2, '3.2 poor'],
    ];
    for (const [id] of lines)
      f.set(id, {
        ...{ state: 'on-call', since: f.app.clock.now() },
        call: callOf({ id: `line ${id}`, campaignId, e164: '+14155550123' }),
      });
    const tell = () => {
      for (const [id, mos] of lines) sounds(id, mos);
    };
    await comes(async () => {
      tell();
      for (const [id, , text] of lines) assert.equal(await tile(id).locator('.fl-line').innerText(), text);
    });
    const poor = tile(ids[22]!);
    assert.match((await poor.getAttribute('class')) ?? '', /unclear/);
    assert.doesNotMatch((await tile(ids[21]!).getAttribute('class')) ?? '', /unclear/);
    assert.equal(await tile(ids[3]!).locator('.fl-line').isVisible(), false, 'nobody has measured that one');
    assert.equal(await count('trouble'), '1');
    assert.match(
      await page.locator('[data-bind="say"]').innerText(),
      /Agent 22: the line is poor \(3\.2 poor\)/,
    );
    await poor.click();
    const panel = await page.locator('[data-bind="panel-line"]').innerText();
    assert.equal(panel, 'Line: MOS 3.2 (poor) · jitter 42 ms · loss 6.1% · round trip 210 ms');
    await shoot('floor-lines');
    await page.keyboard.press('Escape');
    for (const locale of ['zh-CN', 'zh-TW']) {
      const context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } });
      const other = await context.newPage();
      await signIn(other, site.url, 'sue', testPassword);
      await other.goto(`${site.url}/floor`);
      f.call({ id: 'parked', state: 'parked', userId: ids[3]!, parkSlot: 1, campaignId });
      await comes(async () => {
        tell();
        const text = await other.locator(`[data-agent="${ids[22]}"] .fl-line`).innerText();
        assert.match(text, /^3\.2 (较差|不佳)$/);
        assert.match(await other.locator('.fl-calls').innerText(), /[驻駐][留] 1/);
      });
      assert.deepEqual(await faultsOf(other, namespaces), [], locale);
      await other.locator(`[data-agent="${ids[22]}"]`).click();
      if (process.env.SHOTS) await other.screenshot({ path: `${process.env.SHOTS}/floor-${locale}.png` });
      f.call({ id: 'parked', state: 'ended' });
      await context.close();
    }
    // Better again, or over: nothing of it stays.
    await comes(async () => {
      sounds(ids[22]!, 4);
      assert.equal(await tile(ids[22]!).locator('.fl-line').innerText(), '4.0 good');
    });
    for (const [id] of lines) f.set(id, { state: 'ready', call: null });
    await comes(async () => {
      for (const [id] of lines) assert.equal(await tile(id).locator('.fl-line').isVisible(), false);
    });
  });

  it('makes bold and says what is past its limit, and colours it unless that is switched off', async () => {
    f.set(ids[5]!, { state: 'wrapup', since: f.app.clock.now() - 600_000 });
    await comes(async () => {
      assert.match((await tile(ids[5]!).getAttribute('class')) ?? '', /past/);
      assert.equal(await count('trouble'), '1');
      assert.match(
        (await page.locator('[data-bind="say"]').textContent()) ?? '',
        /Agent 5: Wrap-up for too long/,
      );
    });
    const style = (selector: string, name: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${name}`) as Promise<string>;
    const frame = () => style(`[data-agent="${ids[5]}"]`, 'boxShadow');
    const weight = await style(`[data-agent="${ids[5]}"] .fl-time`, 'fontWeight');
    assert.equal(weight, '800');
    assert.notEqual(await frame(), 'none');
    await page.click('[data-alarm="colour"]');
    await eventually(async () => assert.equal(await frame(), 'none'));
    await page.click('[data-alarm="colour"]');
  });

  it('keeps filters and order in its address', async () => {
    await page.click('[data-group="trouble"]');
    await page.selectOption('[name="sort"]', 'name');
    await page.selectOption('[name="campaign"]', { label: 'Spring' });
    assert.equal(await page.locator('.fl-tile').count(), 1);
    assert.equal(new URL(page.url()).search, `?campaign=${campaignId}&state=trouble&sort=name`);
    await page.reload();
    await page.locator('.fl-tile').first().waitFor();
    assert.equal(await page.locator('.fl-tile').count(), 1);
    await page.fill('[name="q"]', 'nobody');
    await page.locator('[data-bind="empty"]').waitFor();
    await page.click('[data-do="clear"]');
    assert.equal(new URL(page.url()).search, '');
    assert.equal(await page.locator('.fl-tile').count(), 60);
  });

  it('pauses an agent with a reason, by keyboard, and goes back to the tile', async () => {
    await tile(ids[7]!).focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-act="paused"]').focus();
    await page.keyboard.press('Enter');
    await page.fill('#confirm-reason', 'Fire drill');
    await page.keyboard.press('Enter');
    await eventually(() => assert.equal(forced.length, 1));
    const { to, reason, userId } = forced[0]!;
    assert.deepEqual([userId, to, reason], [ids[7], 'paused', 'Fire drill']);
    await page.locator('[data-toast="success"]', { hasText: 'Agent 7' }).waitFor();
  });

  it('listens, says that it is simulated, goes over to whispering, and is told of the end', async () => {
    talk(ids[3]!);
    await comes(async () => assert.match(await tile(ids[3]!).innerText(), /On call/));
    await tile(ids[3]!).click();
    await page.click('[data-act="listen"]');
    const bar = page.locator('[data-bind="monitor"]');
    await bar.locator('b', { hasText: 'You listen to Agent 3' }).waitFor();
    assert.match(await bar.innerText(), /simulated: there is nothing to hear/);
    await bar.locator('[data-mode="whisper"]').click();
    await bar.locator('b', { hasText: 'Only Agent 3 hears you' }).waitFor();
    const { id: by } = (await f.users.store.byUsername('sue'))!.user;
    const view = {
      id: 'm1',
      by,
      userId: ids[3],
      callId: 'c1',
      mode: 'whisper',
      ended: null,
      simulated: true,
    };
    const tell = (given: object) => f.app.bus.publish(`monitor.${by}`, { ...view, ...given });
    // Fault: an answer that was on its way comes after what the dialer has told since.
    await page.evaluate(`window.said = [];
      new MutationObserver(() => {
        const bar = document.querySelector('[data-bind="monitor"]');
        const now = bar.hidden ? '' : bar.querySelector('b').textContent;
        if (now !== said.at(-1)) said.push(now);
      }).observe(document.querySelector('[data-bind="monitor"]'), { attributes: true, childList: true, characterData: true, subtree: true })`);
    tell({ step: 3, state: 'on', mode: 'barge' });
    tell({ step: 2, state: 'joining', mode: 'barge' });
    tell({ step: 4, state: 'on', mode: 'listen' });
    tell({ step: 3, state: 'on', mode: 'barge' });
    tell({ step: 5, state: 'ended', ended: 'call-over' });
    tell({ step: 4, state: 'on', mode: 'listen' });
    tell({ id: 'm2', step: 0, state: 'calling', mode: 'listen' });
    await bar.locator('b', { hasText: 'Connecting you to Agent 3' }).waitFor();
    const said = (await page.evaluate('said')) as string[];
    assert.deepEqual(
      said.map((text) => text.split(' ')[0]),
      ['Agent', 'You', '', 'Connecting'],
      said.join(' | '),
    );
    tell({ id: 'm2', step: 1, state: 'ended', ended: 'phone-gone' });
    await bar.waitFor({ state: 'hidden' });
    await page.locator('[data-toast="info"]', { hasText: 'Agent 3’s call is over' }).waitFor();
  });

  it('does nothing that a page must not', () => assert.deepEqual(trouble, []));
});
