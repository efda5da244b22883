import type { Request } from 'express';
import { localTime } from '../../core/time/local-time.ts';
import type { App } from '../../core/app.ts';
import { userOf, type RequestContext } from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import { createCallbackStore } from '../../campaigns/callbacks/index.ts';
import { createCampaignStore, defaultHours } from '../../campaigns/campaigns/index.ts';
import { createDispositionStore } from '../../campaigns/dispositions/index.ts';
import { createCustomerStore, customerLanguages, fieldLabels, languageName } from '../../crm/index.ts';
import { createPauseCodeStore } from '../agents/pause-code-store.ts';
import type { AgentCall, AgentSnapshot } from '../protocol.ts';
import { callbackRows } from './callback-view.ts';
import { cardView } from './customer-view.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { MissedCall, MissedWrapupStore } from '../missed-wrapups/index.ts';
import { createOwnTargets } from '../targets/own-targets.ts';
import { missedRows } from './missed-view.ts';
import type { OwnFiguresStore } from './own-figures-store.ts';
import type { OwnFigures } from './own-figures.ts';
import { quickTimes } from './quick-times.ts';
import { createReadingInCall } from './reading-in-call.ts';
import { scriptView } from './script-view.ts';
import { timelineLines } from './timeline-view.ts';
import { customerZones } from './zones.ts';
import { formatDate, formatDuration, formatPhone } from '../../core/i18n/index.ts';

/** Whom a call or a preview is about. */
export interface Subject {
  campaignId: number | null;
  customerId: number | null;
  leadId: number | null;
  e164: string;
  /** Whose call it was before, or who asks. */
  handedOnBy?: AgentCall['handedOnBy'];
  askedBy?: AgentCall['askedBy'];
}

/** What the middle of the page shows: data for `views/partials/workspace/stage.hbs`. */
export function createStageView(
  app: App,
  parts: { drafts: DraftStore; figures: OwnFiguresStore; missed: MissedWrapupStore },
) {
  const { drafts, figures, missed } = parts;
  const customers = createCustomerStore(app);
  const campaigns = createCampaignStore(app);
  const dispositions = createDispositionStore(app);
  const callbacks = createCallbackStore(app);
  const pauseCodes = createPauseCodeStore(app);
  const users = new UserStore(app.db);
  const ownTargets = createOwnTargets(app);
  const reading = createReadingInCall(app, drafts);

  async function codes(req: Request, chosen?: string) {
    return (await pauseCodes.all({ activeOnly: true })).map((code, index) => ({
      id: code.id,
      key: index < 9 ? index + 1 : null,
      name: code.names[req.context.locale] || code.names.en,
      limitMinutes: code.limitMs === null ? null : Math.round(code.limitMs / 60_000),
      chosen: String(code.id) === chosen,
    }));
  }

  /** Customer, script and timeline: the same for a call and for a preview. */
  async function about(req: Request, subject: Subject, callbackPhone?: string) {
    const { context } = req;
    const now = app.clock.now();
    const [card, owners, campaign, labelOf] = await Promise.all([
      subject.customerId === null ? null : customers.card(subject.customerId, now, subject.campaignId),
      subject.customerId === null ? customers.withPhone(subject.e164) : [],
      subject.campaignId === null ? null : campaigns.get(subject.campaignId),
      fieldLabels(app),
    ]);
    const zones = customerZones(subject.e164, card?.customer.addressRegion ?? null);
    const names = await namesOf((card?.timeline ?? []).flatMap(({ userId }) => userId ?? []));
    const nameOf = (field: string) => fieldName(context, field, labelOf);
    return {
      campaign,
      customer: card?.customer ?? null,
      nameOf,
      owners: owners.map(({ id, name, company }) => ({ id, name, company })),
      card: cardView(context, { card, e164: subject.e164, zones, now, callbackPhone, labelOf }),
      spoken: scriptView(
        campaign,
        card?.customer ?? null,
        { agent: userOf(req).name, phone: formatPhone(subject.e164) },
        { locale: context.locale, nameOf },
      ),
      timeline: timelineLines(context, card?.timeline ?? [], names),
    };
  }

  async function call(req: Request, callId: string, subject: Subject) {
    const { context } = req;
    const { form: draft, revision } = await drafts.get(userOf(req).id, callId);
    const [shared, offered, codeViews] = await Promise.all([
      about(req, subject, draft.callbackPhone),
      subject.campaignId === null ? [] : dispositions.ofCampaign(subject.campaignId),
      codes(req, draft.pauseCodeId),
    ]);
    const known = offered.length > 0 ? offered : await dispositions.all({ activeOnly: true });
    const zone = shared.card.zone ?? context.zone;
    const now = app.clock.now();
    const before = colleagueBefore(subject, callId);
    return {
      ...shared,
      call: { id: callId },
      colleague: before && (await colleagueView(before)),
      guided: subject.askedBy
        ? null
        : await reading.ofCall(req, callId, draft, before, { ...shared, e164: subject.e164, offered: known }),
      // Offered only where a customer is still to be made: names of languages are dear, and the pop is in a hurry.
      languages:
        subject.customerId === null
          ? customerLanguages.map((tag) => ({
              ...{ tag, name: languageName(tag, context.locale) },
              chosen: tag === draft.customerLanguage,
            }))
          : [],
      draft,
      draftRevision: revision,
      dispositions: known.map(({ id, names, category, hotkey }) => ({
        id,
        category,
        hotkey,
        name: names[context.locale] || names.en,
        chosen: draft.dispositionId === String(id),
      })),
      pauseCodes: codeViews,
      callbackZone: zone,
      today: localTime(now, zone).toISODate(),
      quickTimes: quickTimes(now, zone, shared.campaign?.hours ?? defaultHours).map((quick) => ({
        ...quick,
        label: context.t(`workspace:callback.quick.${quick.key}`, { time: quick.time }),
      })),
    };
  }

  /** Who had the customer before, or asks about them, with what they have typed by now. */
  async function colleagueView({
    name,
    asks,
    userId,
    callId,
  }: NonNullable<ReturnType<typeof colleagueBefore>>) {
    const { form } = await drafts.get(userId, callId);
    return { name, asks, note: form.note ?? '' };
  }

  /** A call whose wrap-up was missed, for saying after all what came of it. */
  async function late(req: Request, given: MissedCall) {
    return {
      ...(await call(req, given.id, given)),
      late: { ended: formatDate(given.endedAt, 'datetime', req.context) },
    };
  }

  async function preview(req: Request, shown: NonNullable<AgentSnapshot['preview']>) {
    const shared = await about(req, shown);
    const promised = (await callbacks.ofLead(shown.leadId)).find(({ state }) => state === 'open');
    return {
      ...shared,
      guided: await reading.ahead(req, { ...shared, e164: shown.e164, offered: [] }),
      preview: {
        leadId: shown.leadId,
        e164: shown.e164,
        campaign: shared.campaign?.name ?? '',
        callback: promised ? { dueAt: promised.dueAt, note: promised.note } : null,
      },
    };
  }

  async function idle(req: Request, snapshot: AgentSnapshot | null) {
    const user = userOf(req);
    const own = await figures.today(user.id, app.clock.now(), req.context.zone);
    const mine = await ownCampaigns(user.id);
    const promised = await ownCallbacks(req, snapshot);
    return {
      missed: await missedRows(app, { missed, customers, campaigns, dispositions }, req.context, user.id),
      figures: own,
      averages: averagesOf(own),
      targets: await ownTargets(req.context, user.id, mine),
      campaigns: mine,
      callbacks: promised.slice(0, 6),
      ...seenTo(req.context, promised),
    };
  }

  /** Of those that may run some day: the dialer knows only what runs now. */
  async function ownCampaigns(userId: number) {
    const all = await campaigns.ofAgent(userId);
    return all.filter(({ state }) => state !== 'stopped' && state !== 'finished');
  }

  function ownCallbacks(req: Request, snapshot: AgentSnapshot | null) {
    return callbackRows(app, { callbacks, customers, campaigns }, req.context, userOf(req).id, snapshot);
  }

  /** What the bar and the notice above the work say of callbacks, in whatever stage the page is. */
  async function callbacksToSee({ context }: Request, userId: number) {
    const now = app.clock.now();
    const open = await callbacks.openOf(userId);
    const retries = await callbacks.retriesOf(open.map(({ id }) => id));
    return seenTo(
      context,
      open.map(({ id, dueAt, timeAgreed }) => ({
        timeAgreed,
        overdue: dueAt <= now && (retries.get(id) ?? 0) <= now,
      })),
    );
  }

  /** Whatever the snapshot calls for. */
  async function stage(req: Request, snapshot: AgentSnapshot | null) {
    if (snapshot?.call) return call(req, snapshot.call.id, snapshot.call);
    if (snapshot?.preview) return preview(req, snapshot.preview);
    return idle(req, snapshot);
  }

  async function namesOf(ids: readonly number[]): Promise<Map<number, string>> {
    const found = await Promise.all([...new Set(ids)].map((id) => users.byId(id)));
    return new Map(found.flatMap((user) => (user ? [[user.id, user.name] as const] : [])));
  }

  return { stage, call, late, preview, idle, codes, ownCallbacks, callbacksToSee };
}

export type StageView = ReturnType<typeof createStageView>;

function colleagueBefore({ handedOnBy, askedBy }: Subject, callId: string) {
  if (askedBy) return { ...askedBy, asks: true };
  return handedOnBy ? { ...handedOnBy, callId, asks: false } : null;
}

/** What the agent has to see to: calls that are due, and promises whose time nobody has written down. */
export function seenTo({ t }: RequestContext, open: readonly { timeAgreed: boolean; overdue: boolean }[]) {
  const count = open.filter(({ timeAgreed }) => !timeAgreed).length;
  return {
    callbacksDue: open.filter(({ timeAgreed, overdue }) => !timeAgreed || overdue).length,
    undatedNotice: count === 0 ? '' : t('workspace:callbacks.undated', { count }),
  };
}

function averagesOf({ calls, talkMs, wrapupMs }: OwnFigures): { talk: string; wrapup: string } | null {
  if (calls === 0) return null;
  return { talk: formatDuration(talkMs / calls), wrapup: formatDuration(wrapupMs / calls) };
}

/** What a field of a script is about, in the agent's words. */
function fieldName({ t }: RequestContext, field: string, labelOf: (name: string) => string): string {
  if (field.startsWith('custom.')) return labelOf(field.slice('custom.'.length));
  return t(`workspace:script.fields.${field}`, { defaultValue: field });
}
