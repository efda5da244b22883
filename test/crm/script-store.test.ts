import assert from 'node:assert/strict';
import { beforeEach, it } from 'mocha';
import { createCustomerStore, createScriptStore, createTimelineStore } from '../../crm/index.ts';
import { createAnswerStore } from '../../crm/script/answer-store.ts';
import { createAnswerKeeper } from '../../dialer/answers/index.ts';
import { onBothEngines } from '../campaigns/engines.ts';
import { chosen, guide, ids, publishedScript } from './script-fixtures.ts';
import { customerFields } from './fixtures.ts';

onBothEngines('scripts, their versions and answers', (app) => {
  let calls = 0;
  let customerId = 0;
  let callId = '';
  let scriptId = 0;
  const scripts = () => createScriptStore(app());
  const by = (userId: number | null = 7) => ({ userId, at: app().clock.now() });
  const typed = (more: Record<string, string> = {}) => ({
    ...{
      scriptPath: [ids.greet, ids.offer, ids.home].join(','),
      scriptAt: '2',
      [`answer.${ids.greet}`]: 'yes',
    },
    ...{ [`answer.${ids.offer}`]: `${chosen.speed},${chosen.price}`, [`answer.${ids.home}`]: '3' },
    ...more,
  });
  const rows = () => app().db.knex('script_answers').where({ call_id: callId }).orderBy('id');
  const told = () => createTimelineStore(app()).of(customerId, { kinds: ['answers', 'edit'] });
  const call = () => ({ id: callId, campaignId: 4, customerId, userId: 7 });
  const keeper = () => createAnswerKeeper(app());

  beforeEach(async () => {
    app().clock.advance(1_000);
    const phones = [
      { e164: `+1212555${String(100 + (calls += 1)).padStart(4, '0')}`, type: 'mobile' as const },
    ];
    const made = await createCustomerStore(app()).create(customerFields({ phones }), app().clock.now());
    assert.ok(made.created);
    customerId = made.id;
    callId = `call-${calls}`;
    scriptId = await publishedScript(app());
    const version = (await scripts().newest(scriptId))!;
    await createAnswerStore(app()).open(callId, version.id, 4, app().clock.now());
  });

  it('never change a published version, and keep a draft only over the revision that was read', async () => {
    const before = (await scripts().get(scriptId))!;
    const shorter = { ...guide, steps: guide.steps.slice(3) };
    assert.deepEqual(await scripts().keep(scriptId, before.revision, shorter, by()), {
      kept: true,
      revision: 2,
    });
    assert.deepEqual(await scripts().keep(scriptId, before.revision, guide, by()), { kept: false, reason: 'changed-meanwhile' }); // prettier-ignore
    assert.equal(await scripts().publish(before, by()), null, 'somebody has saved since it was read');
    assert.equal(await scripts().publish((await scripts().get(scriptId))!, by()), 2);
    const [second, first] = await scripts().versionsOf(scriptId);
    assert.deepEqual([first!.content.steps.length, second!.content.steps.length], [4, 1]);
    const actions = await app()
      .db.knex('audit_log')
      .where({ entity: 'scripts', entity_id: String(scriptId) })
      .orderBy('id');
    assert.deepEqual(actions.map(({ action }) => action), ['script.created', 'script.published', 'script.published']); // prettier-ignore
  });

  it('keep the version that a call began with when a newer one is published', async () => {
    const first = (await scripts().newest(scriptId))!;
    await scripts().publish((await scripts().get(scriptId))!, by());
    const newer = (await scripts().newest(scriptId))!;
    assert.notEqual(newer.id, first.id);
    const again = await createAnswerStore(app()).open(callId, newer.id, 4, app().clock.now());
    assert.equal(again.versionId, first.id);
  });

  it('write a row for each answer, tell them once, and save what the script names into the customer', async () => {
    assert.equal(await keeper().keep(call(), typed(), app().clock.now()), true);
    await keeper().keep(call(), typed(), app().clock.now());
    const written = await rows();
    assert.deepEqual(
      written.map(({ step_id, value, number, customer_id, campaign_id, script_id }) => [step_id, value, number, customer_id, campaign_id, script_id]), // prettier-ignore
      [
        [ids.greet, 'yes', null, customerId, 4, scriptId],
        [ids.offer, chosen.speed, null, customerId, 4, scriptId],
        [ids.offer, chosen.price, null, customerId, 4, scriptId],
        [ids.home, '3', 3, customerId, 4, scriptId],
      ],
    );
    const customer = await createCustomerStore(app()).get(customerId);
    assert.equal(customer?.custom.household, '3');
    assert.deepEqual((await told()).map(({ kind }) => kind).sort(), ['answers', 'edit']);
  });

  it('put later answers in the place of earlier ones, and leave out steps that are not gone through any more', async () => {
    await keeper().keep(call(), typed(), app().clock.now());
    const other = typed({ scriptPath: [ids.greet, ids.bye].join(','), [`answer.${ids.greet}`]: 'no' });
    await keeper().keep(call(), other, app().clock.now());
    assert.deepEqual(
      (await rows()).map(({ value }) => value),
      ['no'],
    );
    assert.equal((await told()).filter(({ kind }) => kind === 'answers').length, 2);
  });

  it('save what was typed of a call nobody handed in, but not over what was handed in', async () => {
    await keeper().keepUnsaved(call(), typed({ [`answer.${ids.home}`]: '2' }), app().clock.now());
    await keeper().keepUnsaved(call(), typed({ [`answer.${ids.home}`]: '9' }), app().clock.now());
    assert.deepEqual((await rows()).map(({ value }) => value).at(-1), '2');
  });

  it('take a customer as they are now: what somebody else changed meanwhile stays', async () => {
    const customers = createCustomerStore(app());
    const { id, revision, createdAt: _c, updatedAt: _u, ...fields } = (await customers.get(customerId))!;
    await customers.update(id, revision, { ...fields, custom: { plan: 'Copper' } }, app().clock.now());
    await keeper().keep(call(), typed(), app().clock.now());
    assert.deepEqual((await customers.get(customerId))?.custom, { plan: 'Copper', household: '3' });
  });

  it('say of a call in which no script was read that there is none', async () => {
    assert.equal(await keeper().keep({ ...call(), id: 'other' }, typed(), app().clock.now()), false);
  });
});
