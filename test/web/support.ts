import type { Express } from 'express';
import supertest from 'supertest';
import { Users, type Role } from '../../core/users/index.ts';
import { createWeb, type WebOptions } from '../../web/create-web.ts';
import { testApp, type TestApp } from '../support/app.ts';

export interface TestWeb {
  app: TestApp;
  web: Express;
  users: Users;
  /** Makes an account that need not change its password. */
  account(role: Role, username?: string): Promise<{ id: number; username: string; password: string }>;
  /** A browser without a session. */
  visitor(): Visitor;
  /** A browser that is signed in. */
  signedIn(role: Role, username?: string): Promise<Visitor>;
  close(): Promise<void>;
}

export const testPassword = 'correct horse battery';

export async function testWeb(
  options: WebOptions = {},
  config: Parameters<typeof testApp>[0] = {},
): Promise<TestWeb> {
  const app = await testApp(config);
  const web = createWeb(app, options);
  const users = new Users(app);
  const self: TestWeb = {
    app,
    web,
    users,
    async account(role, username = role) {
      const account = {
        username,
        name: `The ${role}`,
        role,
        password: testPassword,
        mustChangePassword: false,
      };
      const { id } = await users.create(account, { userId: null });
      return { id, username, password: testPassword };
    },
    visitor: () => new Visitor(web),
    async signedIn(role, username = role) {
      await self.account(role, username);
      const visitor = self.visitor();
      const response = await visitor.signIn(username, testPassword);
      if (response.status !== 303) throw new Error(`sign-in answered ${response.status}`);
      return visitor;
    },
    close: () => app.close(),
  };
  return self;
}

/** A browser as far as HTTP goes: keeps cookies, and sends the token of the last page it has read. */
export class Visitor {
  readonly agent: ReturnType<typeof supertest.agent>;
  token = '';

  constructor(web: Express) {
    this.agent = supertest.agent(web);
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<supertest.Response> {
    const response = await this.agent.get(path).set({ accept: 'text/html', ...headers });
    this.token = /<meta name="csrf-token" content="([^"]*)"/.exec(response.text ?? '')?.[1] ?? this.token;
    return response;
  }

  /** Saves a group of settings as its form does: from the page, with what that shows the group to be as of. */
  async saveSettings(group: string, form: object = {}): Promise<supertest.Response> {
    return this.post(`/settings/${group}`, { ...form, revision: await this.settingsRevision(group) });
  }

  async settingsRevision(group: string): Promise<string> {
    const { text } = await this.get('/settings');
    const [, card = ''] = text.split(`action="/settings/${group}"`);
    return /name="revision" value="([^"]*)"/.exec(card)?.[1] ?? '';
  }

  /** Posts a form with the token of the last page. */
  async post(
    path: string,
    form: object = {},
    headers: Record<string, string> = {},
  ): Promise<supertest.Response> {
    const response = await this.agent
      .post(path)
      .type('form')
      .set({ accept: 'text/html', ...headers })
      .send({ _csrf: this.token, ...form });
    this.token = /<meta name="csrf-token" content="([^"]*)"/.exec(response.text ?? '')?.[1] ?? this.token;
    return response;
  }

  async signIn(username: string, password: string, next?: string): Promise<supertest.Response> {
    await this.get('/sign-in');
    const response = await this.post('/sign-in', { username, password, ...(next ? { next } : {}) });
    if (response.status === 303) await this.get('/profile');
    return response;
  }
}
