import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { can, type RequestContext } from '../../core/http/index.ts';
import { formatPercent, zoneChoices, type Locale, type Translate } from '../../core/i18n/index.ts';
import {
  countryChoices,
  createScriptStore,
  customField,
  customFieldNames,
  fieldLabels,
  languageName,
  mergeFields,
} from '../../crm/index.ts';
import { createCallbackStore } from '../callbacks/callback-store.ts';
import { createRuleBook } from '../compliance/rulebook/rule-book.ts';
import { registerWords } from '../compliance/scrubs/register-words.ts';
import { createDispositionStore } from '../dispositions/index.ts';
import { attemptOutcomes, type LeadState } from '../leads/index.ts';
import { filterFields, filterOperators, type FilterCondition } from '../leads/lead-filter.ts';
import { createQuotas } from '../leads/quotas.ts';
import { createNumberPoolStore } from '../number-pools/index.ts';
import { phoneChoices } from '../leads/outcome.ts';
import { filterRows, filterValues } from './filter-form.ts';
import { createListStore } from '../lists/index.ts';
import { campaignEditors, campaignMakers } from './campaign-access.ts';
import { rulesChoosers } from './campaign-checks.ts';
import { createCampaignFacts, type CampaignPicture } from './campaign-facts.ts';
import { summaryOf } from './campaign-summary.ts';
import {
  campaignAfter,
  campaignModes,
  contentLanguages,
  type Campaign,
  type CampaignState,
} from './campaign.ts';
import { chosenOf } from './campaign-form.ts';
import { dayPartRows, hoursRows } from './hours-form.ts';
import { ruleSetChoices } from './rule-set-choices.ts';
import { weekdays } from './hours.ts';
import { blocksStart, type Missing } from './readiness.ts';

export const badges: Readonly<Record<CampaignState, { badge: string; icon: string }>> = {
  draft: { badge: 'off', icon: 'pencil' },
  running: { badge: 'ready', icon: 'player-play' },
  paused: { badge: 'paused', icon: 'player-pause' },
  stopped: { badge: 'off', icon: 'player-stop' },
  finished: { badge: 'call', icon: 'flag' },
};

/** Parts of a list's progress, in the order of the bar. */
const progressParts: readonly { key: string; states: readonly LeadState[] }[] = [
  { key: 'done', states: ['done'] },
  { key: 'exhausted', states: ['exhausted'] },
  { key: 'blocked', states: ['blocked'] },
  { key: 'waiting', states: ['waiting', 'callback'] },
  { key: 'active', states: ['dialing'] },
  { key: 'next', states: ['reserved'] },
  { key: 'new', states: ['new'] },
];

/** What the bar of a campaign's leads shows. */
export function progressView(counts: Record<LeadState, number>, context: RequestContext) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { t } = context;
  let x = 0;
  const parts = [];
  for (const { key, states } of progressParts) {
    const count = states.reduce((sum, state) => sum + counts[state], 0);
    if (count === 0) continue;
    const width = (count / total) * 100;
    parts.push({ key, count, x, width, label: t(`campaigns:progress.${key}`) });
    x += width;
  }
  return {
    total,
    worked: total === 0 ? 0 : (counts.done + counts.exhausted + counts.blocked) / total,
    parts,
  };
}

/** What a reader may do with a campaign now. */
export function controlsOf(req: Request, campaign: Campaign, missing: CampaignPicture['missing'] = []) {
  const may = can(req, 'supervisor', 'marketing', 'manager') && campaign.archivedAt === null;
  return {
    id: campaign.id,
    start: may && campaignAfter(campaign.state, 'start') !== null,
    startBlocked: blocksStart(missing),
    resume: campaign.state === 'paused',
    pause: may && campaignAfter(campaign.state, 'pause') !== null,
    stop: may && campaignAfter(campaign.state, 'stop') !== null,
  };
}

/** Words for what the gate says of the next leads: as if it started, went on, or as it is. */
export function phaseOf(state: CampaignState): 'running' | 'paused' | 'still' {
  return state === 'running' || state === 'paused' ? state : 'still';
}

export function stateView(campaign: Campaign, { t }: RequestContext) {
  return { ...badges[campaign.state], word: t(`campaigns:states.${campaign.state}`) };
}

/** The check list is read differently before a campaign runs, while it runs, and while it pauses. */
function checkWords(state: CampaignState, missing: CampaignPicture['missing'], t: Translate) {
  const phase = phaseOf(state);
  const word = (key: string) => t(`campaigns:check.${phase}.${key}`);
  return {
    title: word('title'),
    blocks: word('blocks'),
    verdict: missing.length === 0 ? word('complete') : blocksStart(missing) ? '' : word('allTheSame'),
  };
}

function hrefOf(section: Missing['section'], campaignId: number): string {
  if (section === 'lists') return '#lists';
  return section === 'official-lists'
    ? '/compliance/lists'
    : `/campaigns/${campaignId}/edit#section-${section}`;
}

const membersLookedAt = 300;
const ownFieldsOffered = 40;

export function createCampaignPages(app: App) {
  const facts = createCampaignFacts(app);
  const pools = createNumberPoolStore(app);
  const scripts = createScriptStore(app);
  const dispositions = createDispositionStore(app);
  const lists = createListStore(app);
  const quotas = createQuotas(app);
  const callbacks = createCallbackStore(app);
  const book = createRuleBook(app);

  /** The live part of a campaign's page: sentence, check list, counts, lists. */
  async function livePart(req: Request, campaign: Campaign) {
    const { context } = req;
    const { t, locale } = context;
    const picture = await facts.picture(campaign);
    const lists = [];
    for (const list of picture.lists) {
      const job = list.builtAt === null && list.jobId ? await app.jobs.get(list.jobId) : null;
      const busy = job !== null && (job.state === 'waiting' || job.state === 'running');
      const equals = picture.lists.filter(({ priority }) => priority === list.priority);
      const share =
        equals.length > 1
          ? formatPercent(list.weight / equals.reduce((sum, { weight }) => sum + weight, 0), locale)
          : null;
      lists.push({
        ...list,
        share,
        busy,
        progress: job?.progress ?? 0,
        failed: list.builtAt === null && !busy,
      });
    }
    return {
      campaign,
      state: stateView(campaign, context),
      script: campaign.scriptId === null ? null : await scripts.get(campaign.scriptId),
      sentence: summaryOf(campaign, picture, t, locale),
      missing: picture.missing.map(({ code, level, section, countries = [] }) => ({
        code,
        blocks: level === 'blocks',
        text: t(`campaigns:missing.${code}`, {
          lawful: formatPercent(picture.lawfulCap, locale, (picture.lawfulCap * 100) % 1 === 0 ? 0 : 1),
          countries: registerWords(req, countries),
        }),
        href: hrefOf(section, campaign.id),
      })),
      check: checkWords(campaign.state, picture.missing, t),
      controls: controlsOf(req, campaign, picture.missing),
      progress: progressView(picture.counts, context),
      counts: picture.counts,
      callbacks: await callbacks.countOpen(campaign.id),
      lists,
      busy: lists.some((list) => list.busy),
      trunks: picture.trunks,
      agents: picture.agents,
      mayEdit: can(req, ...campaignEditors),
      /** Also scripts, answers, imports, copies and putting away. */
      mayMake: can(req, ...campaignMakers),
    };
  }

  /** Quotas with what they ask for in words, and what a new one may ask for. */
  async function quotaPart(req: Request, campaign: Campaign) {
    const { t } = req.context;
    const labelOf = await fieldLabels(app);
    const inWords = ({ field, operator, values }: FilterCondition) => {
      const name = field.startsWith('custom.')
        ? labelOf(field.slice(7))
        : t(`campaigns:filter.fields.${field}`);
      return [name, t(`campaigns:filter.operators.${operator}`), filterValues({ field, values }, req.context.locale).join(t('campaigns:listSeparator'))].join(' '); // prettier-ignore
    };
    return {
      quotas: (await quotas.ofCampaign(campaign.id)).map(({ id, name, who, goal, reached, metAt }) => ({
        ...{ id, name, goal, reached, met: metAt !== null },
        who: who.conditions.map(inWords).join(t('campaigns:listSeparator')),
      })),
      quotaFields: await filterChoices(req, campaign, {}),
      quotaOperators: filterOperators.map((value) => ({ value, label: t(`campaigns:filter.operators.${value}`) })), // prettier-ignore
    };
  }

  /** The firm's own fields, as the customers of this campaign and the newest ones have them. */
  async function ownFields(campaign: Campaign | null) {
    const labelOf = await fieldLabels(app);
    return (await ownFieldNames(campaign)).flatMap((name) => {
      const field = customField(name);
      return field === null ? [] : [{ field, label: labelOf(name) }];
    });
  }

  /** Fields a filter may ask for: ours, the firm's own, and those of the firm's own that the form has already. */
  async function filterChoices(req: Request, campaign: Campaign | null, values: Record<string, unknown>) {
    const own = await ownFieldNames(campaign);
    const used = filterRows(values).flatMap(({ field }) => String(values[field] ?? ''));
    const labelOf = await fieldLabels(app);
    const names = [...own, ...used.flatMap((field) => (field.startsWith('custom.') ? field.slice(7) : []))];
    return [
      ...filterFields.map((value) => ({ value, label: req.context.t(`campaigns:filter.fields.${value}`) })),
      ...[...new Set(names)].map((name) => ({ value: `custom.${name}`, label: labelOf(name) })),
    ];
  }

  async function ownFieldNames(campaign: Campaign | null): Promise<string[]> {
    const ids: number[] = [];
    for (const { listId } of campaign ? await facts.listsOf(campaign.id) : [])
      ids.push(...(await lists.members(listId, { limit: membersLookedAt, offset: 0 })));
    return (await customFieldNames(app, ids)).slice(0, ownFieldsOffered);
  }

  /** Everything there is to choose from in a campaign's form. */
  async function formChoices(req: Request, values: Record<string, unknown>, campaign: Campaign | null) {
    const { t, locale } = req.context;
    const chosen = (name: string) => chosenOf(values[name]).map(String);
    const catalogue = await book.at(app.clock.now());
    const all = await dispositions.all({ activeOnly: true });
    return {
      modes: campaignModes.map((value) => ({
        value,
        label: t(`campaigns:modes.${value}.name`),
        text: t(`campaigns:modes.${value}.text`),
        checked: values.mode === value,
      })),
      priorities: Array.from({ length: 9 }, (_, index) => ({
        value: index + 1,
        label:
          index === 0
            ? t('campaigns:priorityFirst')
            : index === 8
              ? t('campaigns:priorityLast')
              : String(index + 1),
      })),
      countries: countryChoices(locale),
      zones: zoneChoices(locale),
      trunks: inOrder(await facts.trunks(), chosen('trunkIds')),
      numberPools: (await pools.all()).map(({ id, name, numbers }) => ({
        value: id,
        label: t('campaigns:pools.choice', { name, count: numbers.filter(({ enabled }) => enabled).length }),
      })),
      scripts: (await scripts.all())
        .filter(
          ({ id, version, archivedAt }) =>
            (version > 0 && archivedAt === null) || chosen('scriptId').includes(String(id)),
        ) // prettier-ignore
        .map(({ id, name, version }) => ({
          value: id,
          label: t('campaigns:scriptChoice', { name, version }),
        })),
      dispositions: inOrder(
        all.map((disposition) => ({
          id: disposition.id,
          name: disposition.names[locale],
          category: t(`campaigns:categories.${disposition.category}`),
          final: disposition.final,
        })),
        chosen('dispositionIds'),
      ),
      agents: (await facts.agents()).map((agent) => ({
        ...agent,
        checked: chosen('agentIds').includes(String(agent.id)),
      })),
      days: weekdays.map((day) => ({
        day,
        label: t(`campaigns:weekdaysLong.${day}`),
        windows: hoursRows(values, day),
      })),
      outcomes: attemptOutcomes.map((outcome) => ({
        outcome,
        label: t(`crm:outcomes.${outcome}`),
        help: t(`campaigns:outcomeHelp.${outcome}`),
        attempts: `retry_${outcome}_attempts`,
        delay: `retry_${outcome}_delay`,
        unit: `retry_${outcome}_unit`,
        // A number that does not exist is not dialled again, whatever anybody likes.
        phone: outcome === 'unallocated' ? null : `retry_${outcome}_phone`,
        part: `retry_${outcome}_part`,
      })),
      filterRows: filterRows(values),
      filterFields: await filterChoices(req, campaign, values),
      filterOperators: filterOperators.map((value) => ({
        value,
        label: t(`campaigns:filter.operators.${value}`),
      })),
      filterMatches: ['all', 'any'].map((value) => ({ value, label: t(`campaigns:filter.match.${value}`) })),
      phones: phoneChoices.map((value) => ({ value, label: t(`campaigns:retry.phones.${value}`) })),
      dayParts: dayPartRows,
      units: ['m', 'h', 'd'].map((value) => ({ value, label: t(`campaigns:units.${value}`) })),
      digits: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#'].map((value) => ({
        value,
        label: value,
      })),
      ruleSetsOpen: chosen('ruleSets').length > 0,
      mayChooseRules: can(req, ...rulesChoosers),
      ruleSets: ruleSetChoices(catalogue, chosen('ruleSets'), t, locale),
      languages: languageBlocks(values, locale),
      mergeFields: [
        ...mergeFields.map((field) => ({
          field: `{{${field}}}`,
          label: t(`campaigns:mergeFields.${field}`),
        })),
        ...(await ownFields(campaign)),
      ],
    };
  }

  return { facts, livePart, quotaPart, formChoices };
}

/** Languages with words first, then those of the product; the rest wait behind a fold. */
function languageBlocks(values: Record<string, unknown>, locale: Locale) {
  const written = (language: string) =>
    ['script', 'message', 'machine'].some((text) => Boolean(values[`${text}_${language}`]));
  const usual = ['en', 'zh-CN', 'zh-TW'];
  const blocks = contentLanguages.map((language) => ({
    language,
    label: languageName(language, locale),
    script: `script_${language}`,
    message: `message_${language}`,
    machine: `machine_${language}`,
    shown: written(language) || usual.includes(language),
  }));
  return { shown: blocks.filter((block) => block.shown), more: blocks.filter((block) => !block.shown) };
}

/** Chosen ones first, in the order they were chosen in; then the rest. */
function inOrder<T extends { id: number }>(all: readonly T[], chosen: readonly string[]) {
  const place = (item: T) => {
    const index = chosen.indexOf(String(item.id));
    return index < 0 ? Number.MAX_SAFE_INTEGER : index;
  };
  return all
    .map((item) => ({ ...item, checked: chosen.includes(String(item.id)) }))
    .sort((a, b) => place(a) - place(b));
}
