import { Router } from 'express';
import type { App } from '../../core/app.ts';
import type { WebArea } from '../../core/http/index.ts';
import { callbackRoutes } from './callback-routes.ts';
import { createCallbackTimes } from './callback-times.ts';
import { commandRoutes } from './command-routes.ts';
import { dispositionRoutes } from './disposition-routes.ts';
import { Dispositions } from './dispositions.ts';
import { draftRoutes } from './draft-routes.ts';
import { createAnswerKeeper } from '../answers/index.ts';
import { DraftStore } from '../drafts/draft-store.ts';
import { createMissedWrapupStore, LateDispositions } from '../missed-wrapups/index.ts';
import { identifyRoutes } from './identify-routes.ts';
import { lineQualityReportRoutes } from './line-quality-routes.ts';
import { liveRoutes } from './live-routes.ts';
import { OwnCall } from './own-call.ts';
import { OwnFiguresStore } from './own-figures-store.ts';
import { createMessageStore } from '../messages/index.ts';
import { messageRoutes } from './message-routes.ts';
import { PhoneHolderStore, phoneHolderRoutes } from '../phone-holders/index.ts';
import { parkingSettings } from '../parking/parking-settings.ts';
import { parkedRoutes } from './parked-routes.ts';
import { pageRoutes } from './page-routes.ts';
import { phoneSettings } from './phone-settings.ts';
import { createStageView } from './stage-view.ts';

export { iceServersSetting, wsUrlSetting } from './phone-settings.ts';
export { sipNameOf } from './phone-config.ts';

/** The agent workspace: page, live state, commands, drafts and the browser's phone. */
export function workspaceArea(app: App): WebArea {
  const drafts = new DraftStore(app.db);
  const ownCall = new OwnCall(app);
  const view = createStageView(app, {
    drafts,
    figures: new OwnFiguresStore(app),
    missed: createMissedWrapupStore(app),
  });
  const times = createCallbackTimes(app, ownCall);
  const late = new LateDispositions(app);
  const dispositions = new Dispositions(app, {
    drafts,
    times,
    late,
    ownCall,
    answers: createAnswerKeeper(app),
  });
  const messages = createMessageStore(app);
  const holders = new PhoneHolderStore(app.db);
  const router = Router();
  router.use(
    pageRoutes(app, { view, ownCall, holders }),
    liveRoutes(app, { drafts, messages, holders }),
    phoneHolderRoutes(app, holders),
    messageRoutes(app, messages),
    draftRoutes(app, drafts, ownCall),
    lineQualityReportRoutes(app, ownCall),
    parkedRoutes(app),
    commandRoutes(app, dispositions),
    dispositionRoutes(app, { drafts, dispositions, times }),
    identifyRoutes(app, ownCall),
    callbackRoutes(app, times),
  );
  return {
    name: 'workspace',
    router,
    nav: [
      {
        href: '/workspace',
        icon: 'headset',
        labelKey: 'workspace:nav.workspace',
        roles: ['agent', 'supervisor'],
        order: 10,
      },
    ],
    settings: [phoneSettings, parkingSettings],
  };
}
