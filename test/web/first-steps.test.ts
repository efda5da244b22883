import assert from 'node:assert/strict';
import { Router } from 'express';
import { after, before, describe, it } from 'mocha';
import { testWeb, type TestWeb, type Visitor } from './support.ts';

describe('the first steps of a new house', () => {
  let t: TestWeb;
  let admin: Visitor;
  let hasTrunk = false;
  before(async () => {
    const step = { labelKey: 'dialer:firstSteps.trunk', helpKey: 'dialer:firstSteps.trunkHelp', order: 20 };
    const firstSteps = [{ ...step, href: '/trunks/new', done: () => Promise.resolve(hasTrunk) }];
    t = await testWeb({ areas: [{ name: 'trunks', router: Router(), firstSteps }] });
    admin = await t.signedIn('administrator');
  });
  after(() => t.close());

  const next = async () =>
    /aria-current="step"[\s\S]*?href="([^"]+)"/.exec((await admin.get('/admin')).text)?.[1] ?? null;

  it('lead from one to the next, and go when all is done', async () => {
    assert.equal(await next(), '/trunks/new');
    hasTrunk = true;
    assert.equal(await next(), '/users/new');
    await t.account('agent');
    assert.equal(await next(), null);
    assert.doesNotMatch((await admin.get('/admin')).text, /first-step/);
    hasTrunk = false;
    assert.equal(await next(), '/trunks/new');
  });
});
