import { Router } from 'express';
import type { App } from '../../core/app.ts';
import {
  guard,
  page,
  userOf,
  type FirstStep,
  type HealthCheck,
  type NavEntry,
} from '../../core/http/index.ts';
import type { Role, Users } from '../../core/users/index.ts';
import { findAudit } from '../audit/audit-store.ts';
import { checkHealth } from '../operations/health.ts';

/** The page on which each role spends its day. */
const homes: Record<Role, string> = {
  agent: '/workspace',
  supervisor: '/floor',
  manager: '/campaigns',
  marketing: '/lists',
  administrator: '/admin',
};

export function homeRoutes(
  app: App,
  users: Users,
  health: readonly HealthCheck[],
  navigation: readonly NavEntry[],
  areaSteps: readonly FirstStep[],
): Router {
  const router = Router();
  const steps: readonly FirstStep[] = [
    ...areaSteps,
    {
      labelKey: 'web:firstSteps.agents',
      helpKey: 'web:firstSteps.agentsHelp',
      href: '/users/new',
      order: 30,
      done: async () => (await users.store.active()).some(({ role }) => role === 'agent'),
    },
  ].sort((a, b) => a.order - b.order);

  /** What is still to be done; empty once the house is set up. The first open one is the next. */
  async function firstSteps() {
    const checked = await Promise.all(steps.map(async (step) => ({ ...step, isDone: await step.done() })));
    const next = checked.find(({ isDone, href }) => !isDone && href);
    return next ? checked.map((step) => ({ ...step, isNext: step === next })) : [];
  }

  router.get('/', guard(), (req, res) => res.redirect(303, homes[userOf(req).role]));

  router.get('/admin', guard('administrator'), async (req, res) => {
    const { t } = req.context;
    const state = await checkHealth(app, health);
    const failures = await findAudit(
      app.db,
      { direction: 'desc', limit: 6, offset: 0 },
      { action: 'user.sign-in-failed' },
    );
    const accounts = await users.store.active();
    const tried = await users.store.byIds(
      failures.rows.flatMap(({ entityId }) => (entityId === null ? [] : [Number(entityId)])),
    );
    page(req, res, 'web/admin', {
      title: t('web:admin.title'),
      health: state,
      steps: await firstSteps(),
      accounts: accounts.length,
      byRole: Object.keys(homes).map((role) => ({
        label: t(`common:roles.${role}`),
        count: accounts.filter((account) => account.role === role).length,
        href: `/users?role=${role}&state=active`,
      })),
      failures: failures.rows.map((row) => ({
        ...row,
        // A name nobody has is not kept: what is typed there by mistake may be a password.
        username: row.entityId === null ? null : tried.get(Number(row.entityId))?.username,
      })),
      links: navigation.filter((entry) => entry.roles.includes('administrator') && entry.href !== '/admin'),
    });
  });

  return router;
}
