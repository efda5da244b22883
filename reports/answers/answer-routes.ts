import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  createAuditor,
  createList,
  csvLine,
  found,
  guard,
  validate,
  type RequestContext,
  type WebArea,
} from '../../core/http/index.ts';
import { byteOrderMark } from '../../core/http/csv.ts';
import { formatNumber } from '../../core/i18n/index.ts';
import { fromLocal } from '../../core/time/local-time.ts';
import { isoDay } from '../../core/time/typed.ts';
import { createCampaignStore, type Campaign } from '../../campaigns/index.ts';
import { answerLines, answerWords, toldAnswers, wordsIn } from '../../crm/index.ts';
import { createAnswerReport, type AnswerFilter, type CountedQuestion } from './answer-report-store.ts';

/** Of an answer that was written, or of a number or day, so many of the most frequent are shown. */
const shownValues = 12;

const day = z
  .string()
  .max(20)
  .transform((text) => isoDay(text) ?? undefined)
  .optional();
const filters = z.object({
  from: day,
  to: day,
  question: z
    .string()
    .regex(/^([0-9a-f]{8})?$/)
    .optional(),
});

interface AnswerListRow {
  at: number;
  customerId: number | null;
  customer: string | null;
  agent: string | null;
  question: string;
  answer: string;
  version: number | null;
  callId: string;
}

const list = createList<AnswerListRow, typeof filters>({
  file: 'answers',
  exported: 'campaign.answers-exported',
  exporters: ['manager'],
  columns: [
    { key: 'at', labelKey: 'reports:answers.at', value: (row) => row.at, format: 'datetime' },
    {
      key: 'customer',
      labelKey: 'reports:answers.customer',
      value: (row) => row.customer,
      href: (row) => (row.customerId === null ? null : `/customers/${row.customerId}`),
    },
    { key: 'question', labelKey: 'reports:answers.question', value: (row) => row.question },
    { key: 'answer', labelKey: 'reports:answers.answer', value: (row) => row.answer },
    { key: 'agent', labelKey: 'reports:answers.agent', value: (row) => row.agent, minor: true },
    { key: 'version', labelKey: 'reports:answers.version', value: (row) => row.version, format: 'number', minor: true }, // prettier-ignore
    { key: 'call', labelKey: 'reports:answers.call', value: (row) => row.callId, hidden: true },
  ],
  sort: { column: 'at', direction: 'desc' },
  filters,
  empty: { titleKey: 'reports:answers.empty', textKey: 'reports:answers.emptyText' },
});

/** What the customers of a campaign have answered: counts for each question, and each answer. */
export function answersArea(app: App): WebArea {
  const router = Router();
  const campaigns = createCampaignStore(app);
  const report = createAnswerReport(app);
  const audit = createAuditor(app, 'campaigns');
  const byId = validate({ params: z.object({ id: z.coerce.number().int().positive() }) });
  const readers = guard('manager', 'marketing');

  router.get('/campaigns/:id/answers', readers, byId, async (req, res) => {
    const campaign = found(await campaigns.get(byId.of(req).params.id));
    const { context } = req;
    const asked = filterOf(campaign, filters.safeParse(req.query).data ?? {});
    const isFile = req.query.format === 'csv';
    const all = isFile ? [] : await report.counted({ ...asked, stepId: undefined });
    await list.respond(
      req,
      res,
      'reports/answers',
      async ({ filters: given, limit, offset, after }) => {
        const { rows, ...slice } = await report.page(filterOf(campaign, given), { limit, offset, after });
        const versions = await report.versions(rows.map(({ versionId }) => versionId));
        return {
          ...slice,
          rows: rows.map((row) => {
            const version = versions.get(row.versionId);
            const [line] = version ? answerLines(context, toldAnswers(version.content, [row])) : [];
            return {
              ...{ at: row.at, callId: row.callId, customerId: row.customerId },
              ...{ customer: row.customer, agent: row.agent, version: version?.version ?? null },
              question: line?.question ?? row.stepId,
              answer: line?.answer ?? row.value ?? row.text ?? '',
            };
          }),
        };
      },
      {
        title: context.t('reports:answers.title', { name: campaign.name }),
        campaign,
        nav: '/campaigns',
        styles: ['crm', 'campaigns', 'answers'],
        counts: all
          .filter(({ stepId }) => !asked.stepId || stepId === asked.stepId)
          .map((one) => countView(context, one)),
        questions: all.map((one) => ({ value: one.stepId, label: questionIn(context, one) })),
        mayExport: can(req, 'manager'),
        countsHref: countsHref(req, campaign.id),
      },
      { of: { entity: 'campaigns', entityId: campaign.id } },
    );
  });

  const file = validate({ params: z.object({ id: z.coerce.number().int().positive() }), query: filters });
  router.get('/campaigns/:id/answers/counts.csv', guard('manager'), file, async (req, res) => {
    const { params, query } = file.of(req);
    const campaign = found(await campaigns.get(params.id));
    const { t } = req.context;
    const counts = await report.counted(filterOf(campaign, query));
    await audit(req, 'campaign.answers-exported', campaign.id, { after: { columns: 'counts' } });
    const heads = ['script', 'question', 'answer', 'count', 'share'];
    const lines = counts.flatMap((one) =>
      valuesOf(req.context, one).map(({ words, calls, share }) =>
        csvLine([one.scriptName, questionIn(req.context, one), words, calls, share.toFixed(4)]),
      ),
    );
    res.set('cache-control', 'no-store');
    res.attachment('answer-counts.csv').type('text/csv; charset=utf-8');
    res.send(byteOrderMark + csvLine(heads.map((key) => t(`reports:answers.${key}`))) + lines.join(''));
  });

  return { name: 'answers', router };
}

/** Days are the campaign's own. */
function filterOf(campaign: Campaign, { from, to, question }: z.output<typeof filters>): AnswerFilter {
  const start = (text: string) => fromLocal(`${text}T00:00`, campaign.zone);
  return {
    campaignId: campaign.id,
    ...(from ? { from: start(from).toMillis() } : {}),
    ...(to ? { until: start(to).plus({ days: 1 }).toMillis() } : {}),
    ...(question ? { stepId: question } : {}),
  };
}

function countsHref(req: Request, id: number): string {
  const { from, to, question } = req.query as Record<string, string | undefined>;
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries({ from, to, question }))
    if (typeof value === 'string' && value !== '') kept.set(name, value);
  return `/campaigns/${id}/answers/counts.csv?${kept}`;
}

function questionIn({ locale }: RequestContext, { step }: CountedQuestion): string {
  return wordsIn(step.question!.words, locale) || step.title;
}

/** Each value in words. Options that nobody chose are among them: that nobody did is an answer, too. */
function valuesOf(context: RequestContext, { step, values, calls }: CountedQuestion) {
  const { kind, options } = step.question!;
  const offered = kind === 'yes-no' ? ['yes', 'no'] : options.map(({ id }) => id);
  const unchosen = offered.filter((id) => !values.some(({ value }) => value === id));
  const all = [...values, ...unchosen.map((value) => ({ value, calls: 0 }))];
  const written = calls - values.reduce((sum, one) => sum + one.calls, 0);
  const inWords = all.map(({ value, calls: count }) => ({
    words: answerWords(context, kind, { value, words: options.find(({ id }) => id === value)?.words }),
    calls: count,
    share: calls === 0 ? 0 : count / calls,
  }));
  if (kind === 'choices' || written <= 0) return inWords;
  return [
    ...inWords,
    { words: context.t('reports:answers.written'), calls: written, share: written / calls },
  ];
}

function countView(context: RequestContext, one: CountedQuestion) {
  const { locale, t } = context;
  const values = valuesOf(context, one);
  const { numbers } = one;
  const figure = (value: number) => formatNumber(value, locale, { maximumFractionDigits: 2 });
  return {
    ...{ stepId: one.stepId, title: one.step.title, script: one.scriptName, calls: one.calls },
    question: questionIn(context, one),
    kind: t(`scripts:kinds.${one.step.question!.kind}`),
    several: one.step.question!.kind === 'choices',
    values: values.slice(0, shownValues),
    more: Math.max(0, values.length - shownValues),
    numbers: numbers && t('reports:answers.numbers', { mean: figure(numbers.mean), least: figure(numbers.least), most: figure(numbers.most) }), // prettier-ignore
  };
}
