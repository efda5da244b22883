import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { needBrowser } from '../../support/browser.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

// A number that ends in 01 answers after a second and stays; see dialer/telephony/customers.ts.
const stays = (n: number) => ({ phones: [{ e164: `+1415555${n}01`, type: 'mobile' }] }) as const;

describe('a phone that is lost during a call, in a browser (fault: the phone goes from the switch)', function () {
  this.timeout(60_000);
  let rig: BrowserRig;
  let page: Page;
  before(async function () {
    needBrowser(this);
    rig = await browserRig({ wrapupLimitMs: 6_000 });
    page = await rig.open();
    await page.getByRole('button', { name: 'Sign in to phone' }).click();
    await word('Paused');
    await page.keyboard.press('r');
    await word('Ready');
  });
  after(() => rig?.close());

  const word = (text: string) => page.locator('[data-bind="word"]', { hasText: text }).waitFor();
  const big = () => page.locator('[data-bind="next-label"]').innerText();
  const notice = () => page.locator('.ws-alert', { hasText: 'Your phone is lost' });
  const missed = () => page.locator('.ws-missed');

  /** Which of so many missed calls cannot be clicked on the low screen of a laptop. In one step, as the page may be written anew. */
  async function coveredOf(calls: number): Promise<number[]> {
    const size = page.viewportSize()!;
    await page.setViewportSize({ width: 1280, height: 657 });
    const covered = await missed()
      .locator('tbody')
      .evaluate((body, rows) => {
        while (body.children.length < rows) body.append(body.firstElementChild!.cloneNode(true));
        const found = [...body.querySelectorAll('[data-do="late-open"]')].flatMap((button, index) => {
          button.scrollIntoView({ block: 'nearest' });
          const { x, y, width, height } = button.getBoundingClientRect();
          return button.contains(button.ownerDocument.elementFromPoint(x + width / 2, y + height / 2))
            ? []
            : [index];
        });
        body.replaceChildren(body.firstElementChild!);
        return found;
      }, calls);
    await page.setViewportSize(size);
    return covered;
  }

  it('is said beside the call, and then beside a wrap-up whose clock is seen and whose form is there', async () => {
    await rig.customers({ ...stays(20), name: 'Elisabeth Chen' });
    await word('On call');
    await rig.losePhone();
    await word('Phone lost');
    await notice().getByText('The customer hears music').waitFor();
    await page.locator('#ws-name', { hasText: 'Elisabeth Chen' }).waitFor();
    await rig.customerHangsUp();
    await word('Wrap-up');
    assert.equal(await big(), 'Save and next');
    assert.ok(await page.locator('[data-bind="until"]').isVisible(), 'the clock of the wrap-up');
    assert.ok(await page.locator('[data-do="extend"]').isVisible(), 'more time');
    await notice().getByText('save the disposition first').waitFor();
  });

  it('offers the call once its limit has run out, with what was typed', async () => {
    await page.locator('#disposition [name="note"]').fill('wants two of them');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await word('Phone lost');
    assert.equal(await big(), 'Sign in to phone');
    await missed().getByText('1 call still wants your disposition').waitFor();
    await missed().getByText('No decision').waitFor();
    assert.deepEqual(await coveredOf(3), []);
    await missed().getByRole('button', { name: 'Enter disposition' }).click();
    const note = page.locator('#disposition [name="note"]');
    await note.waitFor();
    assert.equal(await note.inputValue(), 'wants two of them');
    assert.equal(await page.locator('#disposition [name="pauseCodeId"]').count(), 0);
  });

  it('gives way to a customer who comes, and has kept what was typed', async () => {
    rig.phoneBack();
    await word('Paused');
    await page.locator('#disposition [name="note"]').fill('wants two of them, blue');
    await page.locator('[data-bind="saved"][data-state="saved"]').waitFor();
    await page.locator('.ws-timer').click();
    await page.keyboard.press('r');
    await rig.customers({ ...stays(21), name: 'Second Person' });
    await page.locator('#ws-name', { hasText: 'Second Person' }).waitFor();
    await page.keyboard.press('Alt+5');
    await page.locator('[data-do="next"]:not([data-settling])').waitFor();
    await page.keyboard.press('Alt+h');
    await word('Wrap-up');
    await page.keyboard.press('Control+Enter');
    await word('Ready');
    await missed().getByRole('button', { name: 'Enter disposition' }).click();
    const note = page.locator('#disposition [name="note"]');
    await note.waitFor();
    assert.equal(await note.inputValue(), 'wants two of them, blue');
  });

  it('takes the disposition late, between calls, and asks no more', async () => {
    await page.keyboard.press('Alt+1');
    await page.keyboard.press('Control+Enter');
    await page.locator('.ws-day').waitFor();
    await missed().waitFor({ state: 'detached' });
    const call = await rig.app.db.knex('calls').orderBy('created_at').first();
    const sale = await rig.app.db.knex('dispositions').where({ code: 'sale' }).first();
    assert.deepEqual([call.disposition_id, call.note], [sale.id, 'wants two of them, blue']);
    assert.equal((await rig.app.db.knex('workspace_drafts')).length, 0);
    const day = await page.locator('.ws-figures div', { hasText: 'Sales' }).locator('dd').innerText();
    assert.equal(day, '1');
  });
});
