import type { App } from '../core/app.ts';
import type { WebArea } from '../core/http/index.ts';
import { pauseCodeRoutes } from './agents/pause-code-routes.ts';
import { promptRoutes } from './prompts/prompt-routes.ts';
import { askDialers } from './cells/ask-dialers.ts';
import { lineQualityReaders, lineQualityRoutes } from './line-quality/index.ts';
import type { DialerStatus } from './protocol.ts';
import { qualityRoutes, waitingReviews } from './quality/index.ts';
import { recordingAreaRoutes } from './recordings/index.ts';
import { createRecordingFolder } from './recordings/recording-folder.ts';
import { trunkSettings } from './line-health/health-settings.ts';
import { trunkHealthRoutes } from './line-health/health-routes.ts';
import { createTrunkHealthStore } from './line-health/trunk-health-store.ts';
import { trunkRoutes } from './trunks/trunk-routes.ts';
import { createTrunkStore } from './trunks/trunk-store.ts';
import { createUnwrittenStore, unwrittenRoutes } from './unwritten/index.ts';

/** What `dialer` brings to the web application, besides the workspace. */
export function dialerAreas(app: App): WebArea[] {
  const worseTrunks = {
    labelKey: 'dialer:trunkHealth.worseWaiting',
    count: () => createTrunkHealthStore(app).countWorse(),
  };
  return [
    {
      name: 'recordings',
      router: recordingAreaRoutes(app),
      nav: [
        {
          href: '/recordings',
          icon: 'player-record',
          labelKey: 'dialer:nav.recordings',
          roles: ['supervisor', 'manager', 'administrator'],
          order: 400,
        },
      ],
      health: [
        {
          name: 'recordings',
          labelKey: 'recordings:health',
          href: '/recordings/retention',
          async check() {
            // That the database is away, its own check says.
            const isThere = await createRecordingFolder(app)
              .isThere()
              .catch(() => true);
            return isThere ? undefined : { warns: 'their folder is empty: is its share mounted?' };
          },
        },
      ],
    },
    {
      name: 'quality',
      router: qualityRoutes(app),
      nav: [
        {
          href: '/quality',
          icon: 'clipboard-check',
          labelKey: 'quality:nav',
          roles: ['supervisor', 'manager', 'administrator'],
          order: 405,
          waiting: { labelKey: 'quality:waiting.reviewer', count: waitingReviews(app).forReviewer },
        },
        {
          href: '/quality/mine',
          icon: 'clipboard-check',
          labelKey: 'quality:navMine',
          roles: ['agent'],
          order: 405,
          waiting: { labelKey: 'quality:waiting.agent', count: waitingReviews(app).forAgent },
        },
      ],
    },
    {
      name: 'line-quality',
      router: lineQualityRoutes(app),
      nav: [
        {
          href: '/line-quality',
          icon: 'antenna-bars-5',
          labelKey: 'dialer:nav.lineQuality',
          roles: [...lineQualityReaders],
          order: 410,
        },
      ],
    },
    { name: 'prompts', router: promptRoutes(app) },
    {
      name: 'unwritten',
      router: unwrittenRoutes(app),
      health: [
        {
          name: 'transitions',
          labelKey: 'dialer:healthUnwritten',
          href: '/unwritten',
          // Work goes on without them; an administrator is to know.
          async check() {
            // That the database is away, its own check says.
            const count = await createUnwrittenStore(app)
              .count()
              .catch(() => 0);
            return count === 0 ? undefined : { warns: `${count} set aside` };
          },
        },
      ],
    },
    // Before the trunks, whose ids stand where its name does.
    {
      name: 'trunk-health',
      router: trunkHealthRoutes(app),
      settings: [trunkSettings],
      nav: [
        {
          href: '/trunks/health',
          icon: 'activity-heartbeat',
          labelKey: 'dialer:trunkHealth.title',
          roles: ['manager'],
          order: 415,
          waiting: worseTrunks,
        },
      ],
    },
    {
      name: 'trunks',
      router: trunkRoutes(app),
      nav: [
        {
          href: '/trunks',
          icon: 'route',
          labelKey: 'dialer:nav.trunks',
          roles: ['administrator'],
          order: 800,
          waiting: worseTrunks,
        },
      ],
      firstSteps: [
        {
          labelKey: 'dialer:firstSteps.switch',
          helpKey: 'dialer:firstSteps.switchHelp',
          order: 10,
          done: () => Promise.resolve(app.config.asterisk !== null),
        },
        {
          labelKey: 'dialer:firstSteps.trunk',
          helpKey: 'dialer:firstSteps.trunkHelp',
          href: '/trunks/new',
          order: 20,
          done: async () => (await createTrunkStore(app).all()).some((trunk) => trunk.enabled),
        },
      ],
      health: [
        {
          name: 'dialer',
          labelKey: 'dialer:health',
          async check() {
            const answers = await askDialers(app, 1_500);
            const states = answers.map(({ dialerId, status }) => ({ dialerId, fault: faultOf(status) }));
            const named = states.map(({ dialerId, fault }) => (fault ? `${dialerId}: ${fault}` : dialerId));
            if (states.every(({ fault }) => fault === null)) return named.join('; ');
            if (states.some(({ fault }) => fault === null)) return { warns: named.join('; ') };
            throw new Error(states.length === 1 ? states[0]!.fault! : named.join('; '));
          },
        },
      ],
    },
    {
      name: 'pause-codes',
      router: pauseCodeRoutes(app),
      nav: [
        {
          href: '/pause-codes',
          icon: 'coffee',
          labelKey: 'dialer:nav.pauseCodes',
          roles: ['administrator'],
          order: 810,
        },
      ],
    },
  ];
}

/** What keeps one dialer from its work; null when nothing does. */
function faultOf(status: DialerStatus | null): string | null {
  if (!status) return 'does not answer';
  return status.switch === 'up' ? null : (status.switchFault ?? `the switch is ${status.switch}`);
}
