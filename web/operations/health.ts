import type { App } from '../../core/app.ts';
import type { HealthCheck } from '../../core/http/index.ts';

export interface Health {
  ok: boolean;
  /** All do their work, and there is something to look at. */
  looks: boolean;
  /** By part; `null` when it does its work, else what is missing. */
  parts: {
    name: string;
    labelKey: string;
    href?: string | undefined;
    missing: string | null;
    runs: string | null;
    /** It works, and what it says is to be looked at. */
    warns: boolean;
  }[];
}

const checkMs = 3_000;
/** Whose failures say more in the log than on the page; areas write theirs for it. */
const ownParts = new Set(['database', 'bus', 'jobs']);

/** Asks every part at once whether it can do its work. A part that does not answer in time counts as missing. */
export async function checkHealth(app: App, checks: readonly HealthCheck[]): Promise<Health> {
  const own: HealthCheck[] = [
    { name: 'database', labelKey: 'common:health.database', check: () => app.db.ping() },
    { name: 'bus', labelKey: 'common:health.bus', check: () => app.bus.ping() },
    { name: 'jobs', labelKey: 'common:health.jobs', check: () => app.jobs.ping() },
  ];
  const parts = await Promise.all(
    [...own, ...checks].map(async (part, index) => {
      const { missing, runs, warns } = await inTime(app, part);
      // Messages of the three stores may name hosts and accounts; areas write theirs for this page.
      const hidden = missing !== null && index < own.length;
      return {
        name: part.name,
        labelKey: part.labelKey,
        href: part.href,
        missing: hidden ? 'does not answer' : missing,
        runs,
        warns,
      };
    }),
  );
  const ok = parts.every((part) => part.missing === null);
  return { ok, looks: ok && parts.some((part) => part.warns), parts };
}

type Answer = Pick<Health['parts'][number], 'missing' | 'runs' | 'warns'>;

async function inTime(app: App, part: HealthCheck): Promise<Answer> {
  let cancel = () => {};
  const late = new Promise<Answer>((resolve) => {
    const timer = setTimeout(() => resolve(lacks('does not answer in time')), checkMs);
    cancel = () => clearTimeout(timer);
  });
  const answer = part.check().then(
    (says): Answer => {
      told.get(app)?.delete(part.name);
      return typeof says === 'object'
        ? { missing: null, runs: says.warns, warns: true }
        : { missing: null, runs: says ?? null, warns: false };
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      tell(app, part.name, reason, error);
      return lacks(reason);
    },
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

const told = new WeakMap<App, Map<string, string>>();

/** Once for each reason: who asks every second would fill the log with what the page says anyhow. */
function tell(app: App, part: string, reason: string, error: unknown): void {
  const before = told.get(app) ?? new Map<string, string>();
  told.set(app, before);
  if (before.get(part) === reason) return;
  before.set(part, reason);
  if (ownParts.has(part)) app.log.warn({ part, err: error }, 'health check failed');
  else app.log.debug({ part, reason }, 'health check failed');
}

function lacks(missing: string): Answer {
  return { missing, runs: null, warns: false };
}
