import type { App } from '../../core/app.ts';
import { HttpProblem } from '../../core/http/index.ts';
import {
  demoAccounts,
  generatePassword,
  Users,
  type DemoAccount,
  type Role,
} from '../../core/users/index.ts';
import {
  createCustomerStore,
  createScriptStore,
  defaultCountry,
  fieldLabelsSetting,
} from '../../crm/index.ts';
import { createCampaignStore, createDispositionStore } from '../../campaigns/index.ts';
import { createLeadBuilder } from '../../campaigns/leads/lead-builder.ts';
import { createListStore } from '../../campaigns/lists/index.ts';
import { createTrunkStore } from '../../dialer/index.ts';
import { createTargetStore } from '../../dialer/targets/target-store.ts';
import { demoCampaigns } from './campaigns.ts';
import { inventPeople } from './people.ts';
import { demoFieldLabels, fibreScript } from './script.ts';
import { demoWords } from './words.ts';

export const customerCount = 5_000;

/** One account for each role; the names are shown on the sign-in page in the reader's own order. */
const staff: readonly { username: string; name: string; role: Role }[] = [
  { username: 'agent', name: 'Mei Carter', role: 'agent' },
  { username: 'supervisor', name: 'Jonas Reed', role: 'supervisor' },
  { username: 'marketing', name: 'Sofía Lang', role: 'marketing' },
  { username: 'manager', name: 'Grace Okoro', role: 'manager' },
  { username: 'admin', name: 'Admin', role: 'administrator' },
];

/** Agents that robots play. */
const robotNames =
  'Ava Stone,Ben Kruger,Carla Ortiz,Deniz Aydin,Emil Novak,Farah Aziz,Gus Lindqvist,Hana Mori,何佳,林子軒,王珊,周一鸣'.split(
    ',',
  );

export interface Demo {
  accounts: readonly DemoAccount[];
  /** Users whom robots play, until a person signs in as one of them. */
  robotIds: readonly number[];
}

/** The demo that is in the database; null where it holds anything else. */
export async function findDemo(app: App): Promise<Demo | null> {
  const accounts = await app.settings.get(demoAccounts);
  return accounts.length > 0 ? { accounts, robotIds: await robotsOf(app) } : null;
}

/** Of an agent's day, at the pace of the simulated customers. */
const demoTargets = { day: '', calls: 120, contacts: 60, sales: 12, talkShare: 55, wrapupSeconds: 30 };

/**
 * Puts the demo into an empty database: accounts, invented customers on two lists, a trunk, two running campaigns.
 * Null, and nothing is touched, where there is data that is not the demo's. Safe to repeat: what is there stays.
 */
export async function seedDemo(app: App, people = customerCount): Promise<Demo | null> {
  const known = await findDemo(app);
  if (known) return known;
  if (await app.db.knex('users').first('id')) return null;

  const now = app.clock.now();
  const { accounts, agentId, adminId } = await createPeople(app);
  const robotIds = await createRobots(app);
  const by = { userId: adminId, now };
  const lists = await createLists(app, by, people);
  const trunkId = await createTrunk(app);
  const dispositions = createDispositionStore(app);
  await dispositions.seed();
  const dispositionIds = (await dispositions.all({ activeOnly: true })).map(({ id }) => id);
  const campaigns = createCampaignStore(app);
  const leads = createLeadBuilder(app);
  const scriptId = await createScript(app, by);
  for (const draft of demoCampaigns({ trunkId, dispositionIds, robotIds, agentId, scriptId })) {
    const id = await campaigns.create(draft.draft, by);
    await campaigns.attachList(id, lists[draft.list], 5);
    await createTargetStore(app).create({ ...demoTargets, campaignId: id }, now);
    await leads.build(id, lists[draft.list]);
    await campaigns.transition(id, 'start', now);
  }
  // Last: a start that was cut off leaves data that is not taken for a demo.
  await app.settings.set(demoAccounts, accounts, { userId: null });
  await app.settings.set(defaultCountry, 'US', { userId: null });
  return { accounts, robotIds };
}

export interface EndedDemo {
  readonly disabled: number;
  /** Accounts that stay, as there would be no administrator without, and their new passwords. */
  readonly kept: readonly { readonly username: string; readonly password: string }[];
}

/** Disables everybody whom the demo brought, and forgets their passwords; what they did stays. Null: there is no demo. */
export async function endDemo(app: App): Promise<EndedDemo | null> {
  const demo = await findDemo(app);
  if (!demo) return null;
  const users = new Users(app);
  const known = await Promise.all(demo.accounts.map(({ username }) => users.store.byUsername(username)));
  const own = known.flatMap((one) => (one && !one.user.disabledAt ? [one.user] : []));
  const kept: { username: string; password: string }[] = [];
  let disabled = 0;
  for (const { id, username } of [...demo.robotIds.map((id) => ({ id, username: '' })), ...own]) {
    try {
      await users.disable(id, { userId: null }, 'demo ended');
      disabled += 1;
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== 'last-administrator') throw error;
      kept.push({ username, password: await users.resetPassword(id, { userId: null }) });
    }
  }
  await app.settings.set(demoAccounts, [], { userId: null });
  return { disabled, kept };
}

async function createPeople(app: App) {
  const users = new Users(app);
  const accounts: DemoAccount[] = [];
  const ids: Record<string, number> = {};
  for (const { username, name, role } of staff) {
    const password = generatePassword();
    const created = await users.create(
      { username, name, role, password, mustChangePassword: false },
      { userId: null },
    );
    ids[username] = created.id;
    accounts.push({ username, password, role });
  }
  return { accounts, agentId: ids.agent!, adminId: ids.admin! };
}

async function createRobots(app: App): Promise<number[]> {
  const users = new Users(app);
  const ids: number[] = [];
  for (const [index, name] of robotNames.entries()) {
    const username = `robot${String(index + 1).padStart(2, '0')}`;
    ids.push((await users.create({ username, name, role: 'agent' }, { userId: null })).id);
  }
  return ids;
}

async function robotsOf(app: App): Promise<number[]> {
  const rows: { id: number }[] = await app.db
    .knex('users')
    .where('username', 'like', 'robot__')
    .whereNull('disabled_at')
    .select('id');
  return rows.map(({ id }) => id);
}

async function createLists(app: App, by: { userId: number; now: number }, count: number) {
  const lists = createListStore(app);
  const customers = createCustomerStore(app);
  const everybody = inventPeople(count);
  return app.db.transaction(async (trx) => {
    const ids = { latin: 0, chinese: 0 };
    for (const key of ['latin', 'chinese'] as const) {
      const members = everybody.filter(({ list }) => list === key);
      const customerIds = await customers.insertMany(members, by.now, trx);
      ids[key] = await lists.create({ ...demoWords.lists[key], defaultCountry: 'US' }, by, trx);
      await lists.addMembers(ids[key], customerIds, null, trx);
    }
    return ids;
  });
}

async function createScript(app: App, { userId, now }: { userId: number; now: number }): Promise<number> {
  const scripts = createScriptStore(app);
  await app.settings.set(fieldLabelsSetting, demoFieldLabels, { userId: null });
  const id = await scripts.create('Fibre upgrade', fibreScript, { userId, at: now });
  const script = await scripts.get(id);
  if (!script || (await scripts.publish(script, { userId, at: now })) === null)
    throw new Error('the script of the demo could not be published');
  return id;
}

async function createTrunk(app: App): Promise<number> {
  const saved = await createTrunkStore(app).create(
    {
      name: 'Demo carrier',
      host: 'carrier.example',
      port: 5060,
      transport: 'udp',
      username: null,
      register: false,
      loginInFrom: false,
      codecs: ['ulaw', 'alaw'],
      channels: 60,
      callsPerSecond: 10,
      prefixRules: [],
      callerId: '+12125550142',
      enabled: true,
    },
    app.clock.now(),
  );
  if (!saved.saved) throw new Error(`the demo's trunk could not be made: ${saved.reason}`);
  return saved.id;
}
