import { Router, type Request } from 'express';
import type { App } from '../../core/app.ts';
import { auditOf, type AuditLine } from '../../core/audit/audit-reader.ts';
import { can, formState, found, guard, page, validate } from '../../core/http/index.ts';
import { formatNumber, formatPercent } from '../../core/i18n/index.ts';
import { answerLines, createAnswerStore, createScriptStore, toldAnswers } from '../../crm/index.ts';
import { createDispositionStore } from '../../campaigns/index.ts';
import { endInWords } from '../calls/cause.ts';
import { createLineQualityStore, type LineQualityFigures } from '../line-quality/index.ts';
import { createReviewPanel } from '../quality/review-panel.ts';
import { createHoldWords } from './holds/hold-routes.ts';
import { createHoldStore } from './holds/hold-store.ts';
import { holdPlacers, holdReleasers } from './holds/legal-hold.ts';
import { playerWords } from './player-words.ts';
import { listeners, recordingParams } from './recording-access.ts';
import { createRecordingViewStore, type RecordingView } from './recording-view-store.ts';

const shownAccesses = 200;
const holdActions = ['legal-hold.placed', 'legal-hold.released'];

/** One recording with its player and all that is known of its call. */
export function recordingPageRoutes(app: App): Router {
  const router = Router();
  const views = createRecordingViewStore(app);
  const dispositions = createDispositionStore(app);
  const holds = createHoldStore(app);
  const holdWords = createHoldWords(app);
  const answers = createAnswerStore(app);
  const scripts = createScriptStore(app);
  const reviewPanel = createReviewPanel(app);
  const lines = createLineQualityStore(app);
  const byId = validate({ params: recordingParams });

  router.get('/recordings/:id', guard(...listeners), byId, async (req, res) => {
    const view = found(await views.get(byId.of(req).params.id));
    const { t, locale } = req.context;
    const [disposition, talks, held, panel, line, answered] = await Promise.all([
      view.dispositionId === null ? null : dispositions.get(view.dispositionId),
      views.idsOfCall(view.callId),
      holds.of(view),
      reviewPanel(req, view),
      lines.ofCall(view.callId),
      answersOf(req, view.callId),
    ]);
    const subjects = [
      { value: 'recording', id: view.id },
      { value: 'customer', id: view.customerId },
      { value: 'campaign', id: view.campaignId },
    ].filter(({ id }) => id !== null);
    page(req, res, 'dialer/recording', {
      title: t('recordings:one', { name: view.customer ?? t('recordings:unknownCustomer') }),
      nav: '/recordings',
      script: 'recording',
      styles: ['recordings', 'quality'],
      words: playerWords(req),
      view,
      panel,
      talking: view.state === 'recording' && view.callState !== 'ended',
      disposition: disposition?.names[locale] ?? null,
      facts: callFacts(req, view, line),
      answered,
      holds: await holdWords(req, held),
      holdForm: formState({ subject: 'recording' }),
      holdSubjects: subjects.map(({ value }) => ({ value, label: t(`recordings:holds.scope.${value}`) })),
      mayHold: can(req, ...holdPlacers) && !['deleting', 'deleted'].includes(view.state),
      mayRelease: can(req, ...holdReleasers),
      access: can(req, 'administrator') ? await accesses(req, view) : null,
      talks: talks.length > 1 ? talks.map((id, index) => ({ id, nth: index + 1, own: id === view.id })) : [],
    });
  });

  /** What the customer has answered in it to the script that was read. */
  async function answersOf(req: Request, callId: string) {
    const given = await answers.of(callId);
    const version = given[0] && (await scripts.version(given[0].versionId));
    if (!version) return null;
    const { name, content } = version;
    return { name, version: version.version, lines: answerLines(req.context, toldAnswers(content, given)) };
  }

  /** Who heard it, took it away, held it, let it go, deleted it. */
  async function accesses(req: Request, { id, customerId, campaignId }: RecordingView) {
    const lines = await auditOf(
      app.db,
      [
        { entity: 'recordings', entityId: id },
        ...(customerId === null ? [] : [{ entity: 'customers', entityId: customerId, actions: holdActions }]),
        ...(campaignId === null ? [] : [{ entity: 'campaigns', entityId: campaignId, actions: holdActions }]),
      ],
      shownAccesses,
    );
    return lines.map((line) => ({
      ...line,
      what: req.context.t(`recordings:access.actions.${line.action}`),
      more: moreOf(line),
    }));
  }

  return router;
}

const moreOf = ({ after }: AuditLine) => after?.reason ?? after?.fileName ?? null;

/** What is known of the call, each in words; what is not known is left out. */
function callFacts(req: Request, view: RecordingView, line: LineQualityFigures | null) {
  const { t } = req.context;
  const facts: { labelKey: string; text?: string | null; moment?: number | null; phone?: string | null }[] = [
    { labelKey: 'dialer:recordings.started', moment: view.startedAt },
    { labelKey: 'recordings:dialled', moment: view.dialedAt },
    { labelKey: 'recordings:answered', moment: view.answeredAt },
    { labelKey: 'recordings:ended', moment: view.endedAt },
    { labelKey: 'dialer:recordings.agent', text: view.agent },
    { labelKey: 'dialer:recordings.campaign', text: view.campaign },
    { labelKey: 'recordings:way', text: view.way && t(`recordings:ways.${view.way}`) },
    { labelKey: 'recordings:attempt', text: view.attempt === null ? null : String(view.attempt) },
    { labelKey: 'recordings:callerId', phone: view.callerId },
    { labelKey: 'recordings:trunk', text: view.trunk },
    { labelKey: 'recordings:outcome', text: view.outcome && t(`crm:outcomes.${view.outcome}`) },
    { labelKey: 'recordings:cause', text: causeText(req, view) },
    { labelKey: 'recordings:line', text: line && lineText(req, line) },
    { labelKey: 'recordings:callId', text: view.callId },
  ];
  return facts.filter(({ text, moment, phone }) => text || moment || phone);
}

function lineText(req: Request, line: LineQualityFigures): string {
  const { t, locale } = req.context;
  const score = (value: number) =>
    formatNumber(value, locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const parts = [
    t('recordings:lineScore', { mos: score(line.mos), lowest: score(line.lowestMos) }),
    t('recordings:lineJitter', { ms: line.jitterMs }),
    t('recordings:lineLoss', { share: formatPercent(line.lossIn, locale, 1) }),
    line.roundTripMs === null ? null : t('recordings:lineRoundTrip', { ms: Math.round(line.roundTripMs) }),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** Who ended it, and what the network said where that says more. */
function causeText(req: Request, { endedBy, outcome, cause }: RecordingView): string | null {
  const { t } = req.context;
  if (!outcome) return null;
  const words = endInWords(outcome, cause);
  const parts = [
    endedBy && t(`recordings:endedBy.${endedBy}`),
    words !== outcome && t(`dialer:cause.${words}`),
    cause && t('recordings:q850', { cause }),
  ];
  return parts.filter(Boolean).join(' · ') || null;
}
