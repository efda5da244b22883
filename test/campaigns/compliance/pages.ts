import { after, before, describe } from 'mocha';
import { complianceAreas, defineComplianceJobs } from '../../../campaigns/compliance/compliance-areas.ts';
import { createGate } from '../../../campaigns/compliance/index.ts';
import { testApp } from '../../support/app.ts';
import { testWeb, type TestWeb, type Visitor } from '../../web/support.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';

export interface CompliancePages {
  t: TestWeb;
  /** One customer of "Winter offer", once looked at by the gate. */
  customerId: number;
  /** Their number. */
  e164: string;
  /** The first audit line of that action, if any. */
  audited: (action: string) => Promise<unknown>;
}

/** Tests of pages under /compliance, on a house with one customer in one campaign. */
export function onCompliancePages(title: string, tests: (house: CompliancePages) => void): void {
  describe(title, () => {
    const house = { e164: '+12125550143' } as CompliancePages;
    before(async () => {
      const app = await testApp();
      defineComplianceJobs(app);
      await app.jobs.start();
      house.t = await testWeb({ areas: complianceAreas(app) }, app);
      house.audited = (action) => app.db.knex('audit_log').where({ action }).first();
      const campaignId = await makeCampaign(app, { name: 'Winter offer', mode: 'predictive' });
      const [leadId = 0] = await addLeads(app, campaignId, [{ phones: [house.e164] }]);
      ({ customer_id: house.customerId } = await app.db
        .knex('leads')
        .where({ id: leadId })
        .first('customer_id'));
      const { e164 } = house;
      await createGate(app).mayCall({ e164, stage: 'reserve', path: 'predictive', campaignId, leadId });
    });
    after(() => house.t.close());
    tests(house);
  });
}

export const upload = (
  visitor: Visitor,
  path: string,
  fields: Record<string, string>,
  content: string | Buffer,
) =>
  visitor.agent
    .post(path)
    .set({ accept: 'application/json', 'x-csrf-token': visitor.token })
    .field(fields)
    .attach('file', Buffer.from(content), 'numbers.csv');
