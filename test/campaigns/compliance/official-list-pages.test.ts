import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'mocha';
import { createScrubStore } from '../../../campaigns/compliance/index.ts';
import { type Visitor } from '../../web/support.ts';
import { hides, shows } from '../pages.ts';
import { onCompliancePages, upload } from './pages.ts';

onCompliancePages('pages of official lists', (house) => {
  it('load an official list, show its age, and retire it', async () => {
    const visitor = await house.t.signedIn('manager', 'list-loader');
    const fields = { kind: 'national', country: 'US', name: 'Registry', areas: '212', scrubbedOn: '2026-11-20', changesOf: '' }; // prettier-ignore
    const load = (given: Record<string, string>) =>
      upload(visitor, '/compliance/lists', given, '212,5550143\n');
    assert.equal((await load({ ...fields, areas: 'two' })).status, 422);
    const tomorrow = await load({ ...fields, scrubbedOn: '2026-11-24' });
    assert.deepEqual([tomorrow.status, JSON.parse(tomorrow.text).fields], [422, { scrubbedOn: 'This day has not come yet.' }]); // prettier-ignore
    assert.deepEqual(await createScrubStore(house.t.app).list(), [], 'nothing of it is kept');
    const queued = Reflect.set(house.t.app.jobs, 'add', () => Promise.reject(new Error('queue away')));
    assert.equal((await load({ ...fields, country: 'ES', areas: '', name: 'Away' })).status, 200);
    Reflect.deleteProperty(house.t.app.jobs, 'add');
    const [waits] = await createScrubStore(house.t.app).loading();
    assert.ok(queued && waits && existsSync(join(house.t.app.config.dataDir, waits.filePath!)));
    shows((await visitor.get('/compliance/lists')).text, /Away[\s\S]*Loading/);
    assert.equal((await visitor.post(`/compliance/lists/${waits.id}/stop`)).status, 303);
    assert.deepEqual(await createScrubStore(house.t.app).loading(), []);
    assert.ok(!existsSync(join(house.t.app.config.dataDir, waits.filePath!)));
    assert.equal((await load(fields)).status, 200);
    const store = createScrubStore(house.t.app);
    for (let round = 0; round < 500 && (await store.active()).length === 0; round++) {
      house.t.app.clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { text } = await visitor.get('/compliance/lists');
    shows(text, /Registry[\s\S]*In force/);
    shows(text, /3 days old/);
    const [list] = await store.active();
    const mark = (misread: number) =>
      house.t.app.db.knex('scrub_lists').where({ id: list!.id }).update({ misread });
    await mark(1);
    shows((await visitor.get('/compliance/lists')).text, /Load its newest whole list again/);
    shows((await visitor.get('/compliance')).text, /have to be loaded again \(US\)/);
    await mark(0);
    hides((await visitor.get('/compliance')).text, /have to be loaded again/);
    const retire = (reason: string) => visitor.post(`/compliance/lists/${list!.id}/retire`, { reason });
    assert.equal((await retire('')).status, 422, 'without a reason');
    assert.equal((await retire('register closed')).status, 303);
    assert.equal((await store.active()).length, 1, 'until another manager agrees');
    assert.equal((await retire('once more')).status, 409);
    const own = (await visitor.get('/compliance/lists')).text;
    shows(own, /To be retired: register closed[\s\S]*another manager has to agree/);
    hides(own, /retire\/approve/);
    const decide = (by: Visitor, verb: string) =>
      by.post(`/compliance/lists/${list!.id}/retire/${verb}`, { reason: 'seen the letter' });
    assert.equal((await decide(visitor, 'approve')).status, 409, 'their own');
    const other = await house.t.signedIn('manager', 'list-agreer');
    shows((await other.get('/compliance')).text, /A list waits for a second person/);
    shows((await other.get('/compliance/lists')).text, /retire\/approve/);
    assert.equal((await decide(other, 'refuse')).status, 303);
    assert.equal((await store.active()).length, 1);
    assert.equal((await retire('register closed')).status, 303);
    assert.equal((await decide(other, 'approve')).status, 303);
    assert.deepEqual(await store.active(), []);
    for (const action of ['scrub.retire-proposed', 'scrub.retire-refused', 'scrub.retired'])
      assert.ok(await house.audited(action), action);
  });

  it('have a second manager look at a list that takes numbers away, and put the one before back', async () => {
    const store = createScrubStore(house.t.app);
    const marketing = await house.t.signedIn('marketing', 'list-marketing');
    const [manager, other] = [
      await house.t.signedIn('manager', 'list-manager'),
      await house.t.signedIn('manager', 'list-other'),
    ];
    const fields = { kind: 'national', country: 'US', name: 'Second', areas: '', scrubbedOn: '2026-11-20', changesOf: '' }; // prettier-ignore
    const ended = async () => {
      for (let round = 0; (await store.list())[0]!.state === 'loading'; round++) {
        assert.ok(round < 500, 'the load ends');
        house.t.app.clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return (await store.list())[0]!;
    };
    const load = async (visitor: Visitor, text: string) => {
      assert.equal((await upload(visitor, '/compliance/lists', fields, text)).status, 200);
      return ended();
    };
    const whole = await load(marketing, '2125550151\n2125550152\n2125550153\n');
    const cut = await load(manager, '2125550151\n');
    assert.deepEqual(
      [whole.state, cut.state, (await store.get(whole.id))!.state],
      ['active', 'proposed', 'active'],
    );
    const changes = await upload(marketing, '/compliance/lists', { ...fields, changesOf: String(whole.id) }, '2125550154,A\n'); // prettier-ignore
    assert.deepEqual([changes.status, changes.body.code], [409, 'list-waits']);
    shows((await marketing.get('/compliance')).text, /A list waits for a second person/);
    const said = (await marketing.get('/compliance/lists')).text;
    shows(said, /Of 3 numbers of the list before it 1 would stay/);
    hides(said, /\/approve/);
    const reason = { reason: 'checked with the register' };
    const at = `/compliance/lists/${cut.id}`;
    await manager.get('/compliance/lists');
    assert.equal((await marketing.post(`${at}/approve`, reason)).status, 403);
    assert.equal((await manager.post(`${at}/approve`, reason)).status, 409, 'their own');
    shows((await other.get('/compliance/lists')).text, /\/approve/);
    assert.equal((await other.post(`${at}/approve`, reason)).status, 303);
    assert.deepEqual((await store.active()).map(({ id }) => id), [cut.id]); // prettier-ignore
    assert.equal((await other.post(`/compliance/lists/${whole.id}/put-back`, {})).status, 422);
    assert.equal((await other.post(`/compliance/lists/${whole.id}/put-back`, reason)).status, 303);
    const back = await ended();
    const typo = (given: Record<string, string>) =>
      upload(manager, '/compliance/lists', { ...fields, name: 'Secnod', ...given }, '2125550159\n');
    const asked = await typo({});
    assert.equal(asked.status, 422);
    assert.match((asked.body as { fields: Record<string, string> }).fields.name!, /“Second” is in force under almost this name/); // prettier-ignore
    assert.equal((await typo({ country: 'CA', beside: '' })).status, 200, 'of another law');
    await ended();
    assert.equal((await typo({ beside: 'yes' })).status, 200);
    const another = await ended();
    assert.deepEqual([another.name, another.state], ['Secnod', 'active']);
    await store.retire(another.id, house.t.app.clock.now());
    assert.deepEqual([back.state, back.numbers, (await store.get(cut.id))!.state], ['active', 3, 'retired']);
    assert.equal(back.changesOf, whole.id, 'named while it is made from that');
    assert.ok((await house.audited('scrub.approved')) && (await house.audited('scrub.put-back')));
    await store.retire(back.id, house.t.app.clock.now());
  });
});
