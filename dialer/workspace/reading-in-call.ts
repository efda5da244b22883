import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { userOf } from '../../core/http/index.ts';
import { formatPhone } from '../../core/i18n/index.ts';
import type { Campaign } from '../../campaigns/campaigns/index.ts';
import type { Disposition } from '../../campaigns/dispositions/index.ts';
import {
  createAnswerStore,
  createScriptStore,
  readingPart,
  readingView,
  typedFrom,
  type Customer,
  type ScriptVersion,
  type TypedAnswers,
} from '../../crm/index.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { DraftForm } from '../drafts/draft.ts';

interface About {
  readonly campaign: Campaign | null;
  readonly customer: Customer | null;
  readonly e164: string;
  readonly offered: readonly Disposition[];
  nameOf(field: string): string;
}

/** Scripts that are read in a call, or looked at before one. */
export function createReadingInCall(app: App, drafts: DraftStore) {
  const scripts = createScriptStore(app);
  const answers = createAnswerStore(app);

  /**
   * A call goes on with the version that it began with, and with what has been answered: by this agent, else by who had
   * the call before, else as it was saved. Null: its campaign has a text.
   */
  async function ofCall(
    req: Request,
    callId: string,
    draft: DraftForm,
    before: { userId: number; callId: string } | null,
    about: About,
  ) {
    const version = await versionOf(callId, about.campaign);
    if (!version) return null;
    const typed = draft.scriptPath ? draft : await typedBefore(callId, before, version);
    return { ...readingPart(show(req, version, typed, about), typed), disabled: false };
  }

  /** What will be read once the customer is called: to be gone through, not to be filled in. */
  async function ahead(req: Request, about: About) {
    const scriptId = about.campaign?.scriptId ?? null;
    const version = scriptId === null ? null : await scripts.newest(scriptId);
    return version && { ...readingPart(show(req, version, {}, about)), disabled: true };
  }

  async function versionOf(callId: string, campaign: Campaign | null): Promise<ScriptVersion | null> {
    const known = await answers.reading(callId);
    if (known) return scripts.version(known.versionId);
    const newest = campaign?.scriptId == null ? null : await scripts.newest(campaign.scriptId);
    if (!newest) return null;
    const opened = await answers.open(callId, newest.id, campaign!.id, app.clock.now());
    return opened.versionId === newest.id ? newest : scripts.version(opened.versionId);
  }

  async function typedBefore(
    callId: string,
    before: { userId: number; callId: string } | null,
    { content }: ScriptVersion,
  ): Promise<TypedAnswers> {
    const theirs = before?.callId === callId ? (await drafts.get(before.userId, callId)).form : {};
    if (theirs.scriptPath) return theirs;
    const saved = await answers.of(callId);
    if (saved.length === 0) return {};
    const answered = content.steps.filter(({ id }) => saved.some(({ stepId }) => stepId === id));
    return { ...typedFrom(saved), scriptPath: answered.map(({ id }) => id).join(',') };
  }

  function show(req: Request, { content }: ScriptVersion, typed: TypedAnswers, about: About) {
    const { t, locale } = req.context;
    return readingView(content, about.customer, typed, {
      locale,
      country: about.campaign?.defaultCountry,
      said: { agent: userOf(req).name, phone: formatPhone(about.e164), campaign: about.campaign?.name },
      nameOf: about.nameOf,
      yesNo: (value) => t(`scripts:answers.${value}`),
      disposition: (code) => {
        const offered = about.offered.find((disposition) => disposition.code === code);
        return offered ? { id: offered.id, name: offered.names[locale] || offered.names.en } : null;
      },
    });
  }

  return { ofCall, ahead };
}
