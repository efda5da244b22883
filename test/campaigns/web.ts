import type { Express } from 'express';
import {
  campaignAreas,
  createCustomersFilter,
  defineCampaignJobs,
  prepareCampaigns,
} from '../../campaigns/index.ts';
import { createScriptSurroundings } from '../../campaigns/campaigns/index.ts';
import { crmAreas } from '../../crm/index.ts';
import { Users, type Role } from '../../core/users/index.ts';
import { createWeb } from '../../web/create-web.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { Visitor, testPassword } from '../web/support.ts';

export interface CampaignsWeb {
  readonly app: TestApp;
  readonly web: Express;
  signedIn(role: Role, username?: string): Promise<Visitor>;
  /** Lets queued jobs run until `done` says so. */
  until(done: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

/** The pages of customers, campaigns, lists and imports, with their jobs running. */
export async function campaignsWeb(): Promise<CampaignsWeb> {
  const app = await testApp();
  defineCampaignJobs(app);
  await prepareCampaigns(app);
  await app.jobs.start();
  const web = createWeb(app, {
    areas: [
      ...crmAreas(app, createCustomersFilter(app), createScriptSurroundings(app)),
      ...campaignAreas(app),
    ],
  });
  const users = new Users(app);
  return {
    app,
    web,
    async signedIn(role, username = role) {
      const account = {
        username,
        name: `The ${role}`,
        role,
        password: testPassword,
        mustChangePassword: false,
      };
      await users.create(account, { userId: null });
      const visitor = new Visitor(web);
      const answer = await visitor.signIn(username, testPassword);
      if (answer.status !== 303) throw new Error(`sign-in answered ${answer.status}`);
      return visitor;
    },
    async until(done) {
      for (let round = 0; round < 500; round++) {
        if (await done()) return;
        app.clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      throw new Error('the jobs did not come to that');
    },
    close: () => app.close(),
  };
}
