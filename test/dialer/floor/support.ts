import type { AgentSnapshot, FloorCall, FloorSnapshot } from '../../../dialer/protocol.ts';
import type { Role } from '../../../core/users/index.ts';
import { floorArea } from '../../../dialer/floor/index.ts';
import { createWeb } from '../../../web/create-web.ts';
import { testPassword, testWeb, Visitor, type TestWeb } from '../../web/support.ts';
import { blankSnapshot } from '../workspace/support.ts';

export interface TestFloor extends TestWeb {
  /** What the dialer says when it is asked. */
  readonly said: FloorSnapshot;
  agent(name: string): Promise<number>;
  agents(names: readonly string[]): Promise<number[]>;
  /** Makes it so at the dialer; `tell` as an event as well, which may be lost. */
  set(userId: number, part: Partial<AgentSnapshot>, options?: { tell?: boolean }): void;
  call(call: Partial<FloorCall> & { id: string }, options?: { tell?: boolean }): void;
  silence(): void;
}

/** The web with the floor alone, and a dialer of a few lines. */
export async function testFloor(): Promise<TestFloor> {
  const web = await testWeb();
  const { app } = web;
  const area = floorArea(app);
  const said: FloorSnapshot = { dialerId: 'main', agents: [], calls: [] };
  const silence = app.bus.respond('dialer.floor', () => said);
  const site = createWeb(app, { areas: [area] });
  const self: TestFloor = {
    ...web,
    web: site,
    said,
    silence,
    async agent(name) {
      const [id] = await self.agents([name]);
      return id!;
    },
    async agents(names) {
      const now = app.clock.now();
      const username = (name: string) => name.toLowerCase().replace(/\W/g, '');
      const account = { role: 'agent', password_hash: '-', must_change_password: 0, session_epoch: 0 };
      const phone = { phone_mode: 'webrtc', leg_mode: 'nailed', created_at: now, updated_at: now };
      const rows = names.map((name) => ({ ...account, ...phone, name, username: username(name) }));
      await app.db.insertMany('users', rows);
      const found: { id: number }[] = await app.db
        .knex('users')
        .whereIn('username', names.map(username))
        .orderBy('id')
        .select('id');
      return found.map(({ id }) => id);
    },
    async signedIn(role: Role, username = role) {
      await web.account(role, username);
      const visitor = new Visitor(site);
      await visitor.signIn(username, testPassword);
      return visitor;
    },
    set(userId, part, { tell = true } = {}) {
      const index = said.agents.findIndex((agent) => agent.userId === userId);
      const before = said.agents[index] ?? blankSnapshot(userId, app.clock.now());
      const next = { ...before, now: app.clock.now(), ...part, revision: before.revision + 1 };
      if (index < 0) said.agents.push(next);
      else said.agents[index] = next;
      if (tell) app.bus.publish(`agent.snapshot.${userId}`, next);
    },
    call(part, { tell = true } = {}) {
      const index = said.calls.findIndex(({ id }) => id === part.id);
      const blank = { campaignId: 1, customerId: null, e164: '+14155550123', userId: null, parkSlot: null };
      const at = app.clock.now();
      const next = { ...blank, state: 'ringing' as const, since: at, ...said.calls[index], ...part };
      if (index >= 0) said.calls.splice(index, 1);
      if (next.state !== 'ended') said.calls.push(next);
      const { id: callId, state: to, since: _since, ...rest } = next;
      const told = { callId, at, from: null, to, event: 'x', direction: 'out', leadId: null, outcome: null };
      if (tell) app.bus.publish('call.transition', { ...told, ...rest });
    },
    async close() {
      area.close();
      await web.close();
    },
  };
  return self;
}
