import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { startProduct, type Product } from '../../bin/product.ts';
import { createLog } from '../../core/log/log.ts';
import { testConfig } from '../support/app.ts';
import { needBrowser, launchBrowser, signIn } from '../support/browser.ts';
import { startDoor, type Started } from '../support/process.ts';
import { freePort, startMariadb, startRedis, temporaryFolder, type TestServer } from '../support/servers.ts';
import { skip } from '../support/skip.ts';
import { office, password, until } from './support/office.ts';
import { openPlace } from './support/places.ts';

const log = createLog(process.env.LOG_LEVEL ?? 'silent');
/** An agent sees at once what has come of a button; a loaded machine takes its time, the database's own time-outs more. */
const seenMs = 3_000;

describe('an agent on a call while a server is away, web and dialer in processes of their own', function () {
  this.timeout(120_000);
  // Each builds on what the one before has left.
  this.retries(0);
  let mariadb: TestServer;
  let redis: TestServer;
  let product: Product;
  let web: Started;
  let startWeb: () => Started;
  let address: string;
  let browser: Browser;
  let page: Page;

  before(async function () {
    needBrowser(this);
    const [database, broker] = [await startMariadb(), await startRedis()];
    if (!database || !broker) skip(this, 'MariaDB or Redis is not installed');
    [mariadb, redis] = [database, broker];
    const dataDir = temporaryFolder('servers-away');
    const [databaseUrl, redisUrl] = [await database.createDatabase(), broker.url];
    product = await startProduct({
      config: testConfig(dataDir, { databaseUrl, redisUrl }),
      ...{ roles: ['worker', 'dialer'], log },
    });
    const { app } = product;
    product.simulator!.setBehaviour('by-number');
    const port = await freePort();
    const webEnv = {
      ...{ PORT: `${port}`, DATA_DIR: dataDir, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
      LOG_LEVEL: 'warn',
    };
    startWeb = () => startDoor('serve', ['--role', 'web'], webEnv);
    web = startWeb();
    address = `http://localhost:${port}`;
    const firm = office(app);
    const person = await firm.user('ada', 'agent');
    const here = openPlace(app.clock.now());
    const people = ['01', '21'].map((two) => ({ e164: here.prefix + two, region: here.region }));
    const list = await firm.list('Two', people);
    const id = await firm.campaign(
      {
        ...{ name: 'Two', mode: 'progressive', wrapupLimitMs: 120_000, agentIds: [person.id] },
        trunkIds: [await firm.trunk('Sim', 5060)],
      },
      [list],
    );
    await firm.start(id);
    await until('web is up', isWebUp);
    browser = await launchBrowser();
    page = await browser.newPage({ locale: 'en-US' });
    await signIn(page, address, 'ada', password);
    await page.goto(`${address}/workspace`);
    await page.getByRole('button', { name: 'Sign in to phone' }).click();
    await word('Paused', 20_000);
    await page.keyboard.press('r');
    await word('On call', 20_000);
    await page.locator('#disposition').waitFor();
  });
  after(async () => {
    await browser?.close();
    web?.child.kill('SIGKILL');
    await web?.ended;
    await product?.close();
    await Promise.all([mariadb?.stop(), redis?.stop()]);
  });

  const isWebUp = async () => (await fetch(`${address}/health`).catch(() => null))?.status === 200;
  const word = (text: string, timeout = seenMs) =>
    page.locator('[data-bind="word"]', { hasText: text }).waitFor({ timeout });
  const button = (name: string) => page.locator(`[data-bind="${name}"]`);
  const said = (text: string) => page.locator('#toasts .toast-text', { hasText: text }).first();
  const note = () => page.locator('#disposition [name="note"]');
  const calls = () => product.app.db.knex('calls').orderBy('created_at');

  it('fault: Redis is killed for 8 s; the call goes on, a button says why it cannot, and all is right after', async () => {
    const [{ id }] = await calls();
    await note().fill('wants two');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await redis.stop();
    await button('hold').click();
    await said('The parts of the system cannot reach each other').waitFor({ timeout: seenMs });
    const silent = page.locator('.ws-alert', { hasText: 'does not answer' });
    await silent.waitFor({ timeout: seenMs });
    // The draft goes to the database, which is there.
    await note().fill('wants two, in blue');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor({ timeout: 5_000 });
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    assert.deepEqual(
      (await calls()).map((call) => [call.id, call.state]),
      [[id, 'connected']],
    );
    await redis.start();
    await until(
      'the dialer answers',
      () => product.app.bus.request('dialer.status', {}).then(
        () => true,
        () => false,
      ),
    ); // prettier-ignore
    await silent.waitFor({ state: 'detached', timeout: 2_000 });
    await button('hold').click();
    await word('On hold');
    await button('hold').click();
    await word('On call');
    assert.equal(await note().inputValue(), 'wants two, in blue');
  });

  it('fault: the web process is killed and started anew; the call goes on, nothing typed is lost, and the same page works', async () => {
    const [{ id }] = await calls();
    web.child.kill('SIGKILL');
    await web.ended;
    await note().fill('wants two, in green');
    await page.locator('[data-bind="saved"][data-state="unsaved"]').waitFor();
    web = startWeb();
    await until('web is up', isWebUp, 60_000);
    const back = performance.now();
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor({ timeout: 10_000 });
    await button('hold').click();
    await word('On hold', 10_000);
    console.log(`      the page works again after ${Math.round(performance.now() - back)} ms`);
    await button('hold').click();
    await word('On call');
    assert.equal(await note().inputValue(), 'wants two, in green');
    assert.deepEqual(
      (await calls()).map((call) => [call.id, call.state]),
      [[id, 'connected']],
    );
  });

  it('fault: MariaDB is killed; holding, keys, hanging up and the disposition work at once', async () => {
    const [{ id }] = await calls();
    await mariadb.stop();
    await button('hold').click();
    await word('On hold');
    await button('hold').click();
    await word('On call');
    await button('keypad').click();
    const keyed = page.waitForResponse('**/workspace/dtmf', { timeout: 2 * seenMs });
    await page.locator('#ws-keypad [data-digit="5"]').click();
    assert.equal((await keyed).status(), 200);
    await button('keypad').click();
    await note().fill('wants two, in red');
    await page.locator('[data-bind="saved"][data-state="unsaved"]').waitFor();
    await button('next').click();
    await word('Wrap-up');
    await page.locator('.ws-timer').click();
    await page.keyboard.press('Alt+4');
    await page.keyboard.press('Control+Enter');
    await word('Ready', 2 * seenMs);
    await mariadb.start();
    const call = await until('the disposition is written', async () => {
      const [row] = await calls()
        .where({ id })
        .whereNotNull('disposition_id')
        .catch(() => []);
      return row;
    });
    assert.deepEqual([call.note, call.outcome], ['wants two, in red', 'answered']);
    const events = await product.app.db.knex('call_events').where({ call_id: id }).orderBy('id');
    const held = events.filter(({ event }) => ['hold', 'resume'].includes(event)).map(({ event }) => event);
    // Once in each of these tests.
    assert.deepEqual(held, ['hold', 'resume', 'hold', 'resume', 'hold', 'resume']);
  });
});
