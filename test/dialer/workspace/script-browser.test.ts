import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { Users } from '../../../core/users/index.ts';
import { createScriptStore } from '../../../crm/index.ts';
import { createCampaignStore } from '../../../campaigns/campaigns/index.ts';
import { needBrowser, signIn } from '../../support/browser.ts';
import { testPassword } from '../../web/support.ts';
import { browserRig, type BrowserRig } from './browser-rig.ts';

describe('a script that is written by marketing and read in a call', function () {
  this.timeout(90_000);
  let rig: BrowserRig;
  let writer: Page;
  let agent: Page;
  let scriptId = 0;
  before(async function () {
    needBrowser(this);
    rig = await browserRig({ wrapupLimitMs: 600_000, withScripts: true });
    const account = { username: 'sofia', name: 'Sofía', role: 'marketing', password: testPassword } as const;
    await new Users(rig.app).create({ ...account, mustChangePassword: false }, { userId: null });
    writer = await rig.bare();
    await signIn(writer, rig.url, 'sofia', testPassword);
  });
  after(() => rig?.close());

  const saved = () => writer.locator('[data-bind="script-saved"][data-state="saved"]').waitFor();
  const field = (name: string) => writer.locator(`#step-form [name="${name}"]`);
  const said = (text: string) => writer.locator('#script-preview').getByText(text);
  const script = async () => (await createScriptStore(rig.app).get(scriptId))!;
  const press = async (name: string) => {
    await writer.locator('#script-editor').getByRole('button', { name, exact: true }).click();
    await saved();
  };
  const step = (page: Page) => page.locator('[data-reading-step]:not([hidden])');
  const title = (page: Page) => step(page).getAttribute('data-title');
  const onStep = async (name: string) => {
    await agent.locator(`[data-reading-step][data-title="${name}"]:not([hidden])`).waitFor();
  };
  const holds = async (what: () => Promise<unknown>, value: unknown) => {
    for (const end = Date.now() + 15_000; (await what()) !== value && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await what(), value);
  };
  const draftSaved = () => agent.locator('[data-bind="saved"][data-state="saved"]').waitFor();

  it('is kept as it is typed, and its preview follows each word', async () => {
    await writer.goto(`${rig.url}/scripts`);
    await writer.fill('#f-name', 'Renewal guide');
    await writer.getByRole('button', { name: 'Create' }).click();
    await writer.waitForURL(/\/scripts\/\d+/);
    scriptId = Number(/\/scripts\/(\d+)/.exec(writer.url())![1]);
    await field('title').fill('Greeting');
    await field('text').fill('Hello, this is {{agent}}.');
    await said('Hello, this is Sofía.').waitFor();
    await saved();
    assert.equal((await script()).draft.steps[0]!.title, 'Greeting');
    await writer.reload();
    assert.equal(await field('text').inputValue(), 'Hello, this is {{agent}}.');
  });

  it('says in words what is wrong, and cannot be published so', async () => {
    await field('text').fill('Hello {{nmae}}.');
    await writer.getByText('there is no field “nmae”').waitFor();
    await writer.getByRole('button', { name: 'Publish' }).click();
    await writer.getByText('It cannot be published yet').waitFor();
    await writer.goto(`${rig.url}/scripts/${scriptId}`);
    await field('text').fill('Hello {{salutation}}, this is {{agent}}.');
    await writer.getByText('Everything is in order.').waitFor();
    await saved();
  });

  it('gets a question with branches and steps, which buttons and keys move', async () => {
    await field('kind').selectOption('choice');
    await field('words').waitFor();
    await saved();
    await field('words').fill('Do you want to renew?');
    await field('options[0][words]').fill('Yes, please');
    await field('options[1][words]').fill('No');
    await writer.locator('[name="required"]').check();
    await saved();
    await press('Add a step');
    await field('title').fill('Renewal');
    await field('text').fill('For how many years, {{salutation}}?');
    await field('kind').selectOption('number');
    await field('words').waitFor();
    await field('words').fill('Years');
    await field('disposition').selectOption('sale');
    await saved();
    await press('Add a step');
    await field('title').fill('Goodbye');
    await field('text').fill('Have a good day.');
    await field('kind').selectOption('long-text');
    await field('words').waitFor();
    await field('words').fill('Why not?');
    await field('disposition').selectOption('refused');
    await saved();
    await writer.locator('.flow-title', { hasText: 'Renewal' }).press('Alt+ArrowDown');
    await writer.locator('.flow-step:nth-child(2)', { hasText: 'Goodbye' }).waitFor();
    await writer.locator('.flow-title', { hasText: 'Renewal' }).press('Alt+ArrowUp');
    await writer.locator('.flow-step:nth-child(2)', { hasText: 'Renewal' }).waitFor();
    await writer.locator('.flow-title', { hasText: 'Renewal' }).click();
    await holds(() => field('title').inputValue(), 'Renewal');
    await field('next').selectOption('end');
    await saved();
    await writer.locator('.flow-title', { hasText: 'Greeting' }).click();
    await holds(() => field('title').inputValue(), 'Greeting');
    await press('Add a branch');
    await field('branches[0][when]').selectOption({ label: 'The answer is “No”' });
    await saved();
    await field('branches[0][to]').selectOption({ label: '3. Goodbye' });
    await saved();
    await writer.locator('.flow-ways', { hasText: 'No → 3. Goodbye' }).waitFor();
    await writer.getByText('Everything is in order.').waitFor();
  });

  it('can be clicked through before it is published, by its branches', async () => {
    const preview = writer.locator('#script-preview');
    await preview.getByRole('button', { name: 'Next step' }).click();
    await preview.getByText('An answer is needed to go on.').waitFor();
    await preview.getByText('No', { exact: true }).click();
    await preview.getByRole('button', { name: 'Next step' }).click();
    await preview.getByText('Have a good day.').waitFor();
    await preview.getByText('Suggested disposition: Refused').waitFor();
    await writer.getByRole('button', { name: 'Publish' }).click();
    await writer.getByText('was published as version 1').waitFor();
    const campaigns = createCampaignStore(rig.app);
    const campaign = (await campaigns.get(rig.campaignId))!;
    const joined = {
      trunkIds: await campaigns.trunksOf(campaign.id),
      agentIds: await campaigns.agentsOf(campaign.id),
      dispositionIds: await campaigns.dispositionsOf(campaign.id),
    };
    const saving = await campaigns.update(campaign.id, campaign.revision, { ...campaign, ...joined, scriptId }, rig.app.clock.now()); // prettier-ignore
    assert.equal(saving.saved, true);
  });

  it('keeps what is typed while the network is away (fault: the browser’s connection cut)', async () => {
    await rig.context(writer).setOffline(true);
    await field('title').fill('Greeting, typed offline');
    await writer.locator('[data-bind="script-saved"][data-state="unsaved"]').waitFor();
    await rig.context(writer).setOffline(false);
    await saved();
    assert.equal((await script()).draft.steps[0]!.title, 'Greeting, typed offline');
    await field('title').fill('Greeting');
    await saved();
    await holds(async () => (await script()).draft.steps[0]!.title, 'Greeting');
  });

  it('tells the second of two editors, whose text stays before them until they choose', async () => {
    const other = await rig.context(writer).newPage();
    await other.goto(writer.url());
    await other.locator('#f-text').fill('Written in the other tab.');
    await other.locator('[data-bind="script-saved"][data-state="saved"]').waitFor();
    await field('text').fill('Hello {{salutation}}, this is {{agent}}!');
    await writer.locator('#script-editor').getByText('Somebody else has changed').waitFor();
    assert.equal(await field('text').inputValue(), 'Hello {{salutation}}, this is {{agent}}!');
    assert.equal((await script()).draft.steps[0]!.text.en, 'Written in the other tab.');
    await writer.getByRole('button', { name: 'Save mine over it' }).click();
    await saved();
    assert.equal((await script()).draft.steps[0]!.text.en, 'Hello {{salutation}}, this is {{agent}}!');
    assert.equal(await writer.locator('[data-conflict]').count(), 0);
    await field('text').fill('Hello {{salutation}}, this is {{agent}}.');
    await saved();
    await other.close();
  });

  it('stands before the agent with the customer’s name, and goes on by keys with an answer only', async () => {
    agent = await rig.open();
    await agent.getByRole('button', { name: 'Sign in to phone' }).click();
    await agent.locator('[data-bind="word"]', { hasText: 'Paused' }).waitFor();
    await agent.keyboard.press('r');
    const phones = [{ e164: '+14155551001', type: 'mobile' as const }];
    await rig.customers({ name: 'Mei Chen', salutation: 'Ms Chen', phones });
    await agent.locator('[data-bind="word"]', { hasText: 'On call' }).waitFor();
    await step(agent).getByText('Hello Ms Chen, this is Ada Park.').waitFor();
    await agent.keyboard.press('ArrowRight');
    await agent.getByText('An answer is needed to go on.').waitFor();
    assert.equal(await title(agent), 'Greeting');
    await agent.locator('[data-reading-step]:not([hidden]) input').first().check();
    await agent.keyboard.press('Alt+ArrowRight');
    await onStep('Renewal');
    await agent.locator('.reading-way .done', { hasText: 'Greeting' }).waitFor();
  });

  it('suggests the disposition of its end, which the agent may change', async () => {
    const chosen = () => agent.locator('#disposition input[name="dispositionId"]:checked');
    await agent.locator('#disposition input[data-hotkey="1"]:checked').waitFor({ state: 'attached' });
    await agent.keyboard.press('Alt+2');
    assert.equal(await chosen().getAttribute('data-hotkey'), '2');
    await agent.keyboard.press('Alt+ArrowLeft');
    await onStep('Greeting');
    await agent.keyboard.press('Alt+ArrowRight');
    await onStep('Renewal');
    assert.equal(await chosen().getAttribute('data-hotkey'), '2', 'what the agent chose stays');
  });

  it('keeps the answer and the place over a reload, and in another tab', async () => {
    await agent.keyboard.press('q');
    await agent.keyboard.type('2');
    await draftSaved();
    await agent.reload();
    await onStep('Renewal');
    assert.equal(await step(agent).locator('input').inputValue(), '2');
    const other = await rig.context(agent).newPage();
    await other.goto(`${rig.url}/workspace`);
    await step(other).getByText('For how many years, Ms Chen?').waitFor();
    await step(other).locator('input').fill('3');
    await holds(() => step(agent).locator('input').inputValue(), '3');
    await other.close();
  });

  it('goes by the version that the call began with, though a newer one is published', async () => {
    const store = createScriptStore(rig.app);
    const now = await script();
    const steps = now.draft.steps.map((one) => ({ ...one, text: { en: 'Another text.' } }));
    const by = { userId: null, at: rig.app.clock.now() };
    await store.keep(scriptId, now.revision, { ...now.draft, steps }, by);
    assert.equal(await store.publish(await script(), by), 2);
    await agent.reload();
    await step(agent).getByText('For how many years, Ms Chen?').waitFor();
  });

  it('hands the answers in with the disposition, bound to call, customer, campaign and version', async () => {
    await rig.customerHangsUp();
    await agent.locator('[data-bind="word"]', { hasText: 'Wrap-up' }).waitFor();
    await onStep('Renewal');
    await agent.keyboard.press('Control+Enter');
    await agent.locator('[data-bind="word"]', { hasText: 'Ready' }).waitFor();
    const rows = await rig.app.db.knex('script_answers').orderBy('id');
    const { draft } = await script();
    assert.deepEqual(
      rows.map(({ step_id, value, number }) => [step_id, value, number]),
      [
        [draft.steps[0]!.id, draft.steps[0]!.question!.options[0]!.id, null],
        [draft.steps[1]!.id, '3', 3],
      ],
    );
    const version = await rig.app.db.knex('script_versions').where({ id: rows[0].version_id }).first();
    const call = await rig.app.db.knex('calls').where({ id: rows[0].call_id }).first();
    assert.deepEqual([version.version, rows[0].campaign_id], [1, rig.campaignId]);
    assert.deepEqual([rows[0].customer_id, rows[0].user_id], [call.customer_id, rig.agentId]);
    const told = await rig.app.db.knex('timeline_entries').where({ kind: 'answers' });
    assert.equal(told.length, 1);
    assert.equal((await rig.app.db.knex('workspace_drafts')).length, 0);
  });
});
