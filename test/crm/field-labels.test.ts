import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { fieldLabels } from '../../crm/index.ts';
import { fieldLabelsSetting, readable } from '../../crm/customers/field-labels.ts';
import { testApp, type TestApp } from '../support/app.ts';

describe('names of the firm’s own fields', () => {
  let app: TestApp;
  before(async () => (app = await testApp()));
  after(() => app.close());

  it('are made readable where machines wrote them, and stay where people did', () => {
    const names = ['policy_no', 'policyNo', 'plan', 'Plan B', '保单号', 'VIP', 'IDNumber', '__', 'Kfz-Typ'];
    assert.deepEqual(names.map(readable), [
      ...['Policy no', 'Policy no', 'Plan', 'Plan B', '保单号', 'VIP', 'IDNumber', '__', 'Kfz-Typ'],
    ]);
  });

  it('are the labels that people gave them', async () => {
    const by = { userId: null };
    await app.settings.set(fieldLabelsSetting, 'policy_no = Policy number\n\n plan=Tariff = old', by);
    const labelOf = await fieldLabels(app);
    assert.deepEqual(['policy_no', 'plan', 'since'].map(labelOf), ['Policy number', 'Tariff = old', 'Since']);
    await assert.rejects(app.settings.set(fieldLabelsSetting, 'policy_no', by));
  });
});
