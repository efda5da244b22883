import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { createVerdictStore } from '../../campaigns/compliance/verdict-store.ts';
import { createAnswerReport } from '../../reports/answers/answer-report-store.ts';
import { findAudit } from '../../web/audit/audit-store.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { plansOf } from '../support/plans.ts';

/** Tables that only ever grow: what a page asks of them must lie together in an index, in the order it is shown in. */
describe('pages on tables that grow for ever', () => {
  let app: TestApp;
  const page = { limit: 6, offset: 0 };
  before(async () => {
    app = await testApp();
  });
  after(() => app.close());

  async function enterBy(table: string, index: RegExp, work: () => Promise<unknown>): Promise<void> {
    const plans = await plansOf(app.db, table, work);
    assert.ok(plans.length >= 2, 'rows and their count');
    for (const plan of plans) {
      assert.match(plan, index);
      assert.doesNotMatch(plan, /SCAN (?!counted)|TEMP B-TREE/);
    }
  }

  it('find what was done by the action, failed sign-ins say', () =>
    enterBy('audit_log', /audit_log_action \(action=\?\)/, () =>
      findAudit(app.db, { direction: 'desc', ...page }, { action: 'user.sign-in-failed' }),
    ));

  it('list the answers of a campaign, the newest first', () =>
    enterBy('script_answers', /script_answers_campaign \(campaign_id=\?/, () =>
      createAnswerReport(app).page({ campaignId: 1 }, { ...page, after: null }),
    ));

  it('find the verdicts of a campaign by a reason that is rare', () =>
    enterBy('gate_verdicts', /gate_verdicts_reason \(campaign_id=\? AND reason_code=\?/, () =>
      createVerdictStore(app).list({ campaignId: 1, reasonCode: 'DNC_NATIONAL' }, page),
    ));
});
