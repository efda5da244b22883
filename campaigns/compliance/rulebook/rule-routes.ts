import { Router, type Request, type Response } from 'express';
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import { createCalendars } from '../../../core/calendar/index.ts';
import {
  can,
  createAuditor,
  fieldErrors,
  flash,
  formState,
  found,
  fragment,
  guard,
  HttpProblem,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import { loadCatalogue } from '../rules/catalogue.ts';
import type { RuleSetForm } from '../rules/rule-set.ts';
import { createNames } from '../user-names.ts';
import { createRuleBook, holdingAt } from './rule-book.ts';
import { diffRules, loosens, type RuleDifference } from './rule-diff.ts';
import {
  frequencyRows,
  frequencyTypes,
  readRuleForm,
  ruleFields,
  showRuleForm,
  weekdays,
} from './rule-form.ts';
import { ruleImpactJob } from './rule-impact.ts';
import { confidenceWords, placeOf, ruleWords } from './rule-words.ts';
import { ruleSetName, versionNote, type RuleVersion } from './rule-version.ts';
import { createRuleVersionStore } from './rule-version-store.ts';

const url = '/compliance/rules';
const nameParams = z.object({ name: ruleSetName });
const versionParams = z.object({ id: z.coerce.number().int().positive() });
const editBody = ruleFields.extend({
  note: versionNote,
  effective: z.union([z.literal(''), z.iso.date('compliance:errors.date')]).default(''),
});
const decideBody = z.object({ reason: versionNote });

/** Rule sets as data: what holds, how it came to that, a form to write a new version, and somebody else's yes to it. */
export function ruleRoutes(app: App): Router {
  const router = Router();
  const store = createRuleVersionStore(app);
  const book = createRuleBook(app);
  const shipped = loadCatalogue();
  const calendars = createCalendars(app);
  const names = createNames(app);
  const audit = createAuditor(app, 'rule_versions');

  router.get(url, async (req, res) => {
    const { t } = req.context;
    const now = app.clock.now();
    const catalogue = await book.at(now);
    const holding = holdingAt(await store.approved(), now);
    const proposals = await store.proposed();
    const who = await names(proposals.map(({ proposedBy }) => proposedBy));
    page(req, res, 'compliance/rules', {
      title: t('compliance:rules.title'),
      nav: '/compliance',
      proposals: proposals.map((version) => ({ ...version, by: who(version.proposedBy, req) })),
      sets: catalogue.names.map((name) => {
        const { form, version } = catalogue.get(name)!;
        const edited = holding.get(name);
        return {
          ...{ name, version, source: form.source, place: placeOf(name, req.context) },
          confidence: confidenceWords(form.confidence, req.context),
          edited: edited !== undefined,
          since: edited?.effectiveAt ?? null,
        };
      }),
    });
  });

  async function formOf(name: string, instant: number) {
    return found((await book.at(instant)).get(name)).form;
  }

  const byName = validate({ params: nameParams });
  router.get(`${url}/sets/:name`, byName, async (req, res) => {
    const { name } = byName.of(req).params;
    const now = app.clock.now();
    const rules = found((await book.at(now)).get(name));
    const versions = await store.ofName(name);
    const holding = holdingAt(versions.filter(({ state }) => state === 'approved').reverse(), now).get(name);
    const who = await names(versions.flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy]));
    page(req, res, 'compliance/rule-set', {
      title: name,
      nav: '/compliance',
      rules,
      mayEdit: can(req, 'manager'),
      shipped: shipped.get(name) ? { version: shipped.get(name)!.version, holds: !holding } : null,
      place: placeOf(name, req.context),
      text: diffRules(emptyForm(rules.form), rules.form).map((line) =>
        lineView(req, line, emptyForm(rules.form), rules.form),
      ),
      versions: versions.map((version) => ({
        ...version,
        ...stateView(req, version, holding?.id === version.id, now),
        by: who(version.proposedBy, req),
        decider: version.decidedAt === null ? '' : who(version.decidedBy, req),
      })),
    });
  });

  async function showEdit(req: Request, res: Response, form: FormState): Promise<void> {
    const { t } = req.context;
    const name = ruleSetName.parse(req.params.name);
    const label = (key: string) => t(`compliance:rules.fields.${key}`);
    page(req, res, 'compliance/rule-edit', {
      title: t('compliance:rules.editOf', { name }),
      nav: '/compliance',
      ...{ name, form },
      days: weekdays.map((day) => ({ field: `windows_${day}`, label: `campaigns:weekdays.${day}` })),
      rows: Array.from({ length: frequencyRows }, (_, row) => ({ row, field: `freq_${row}_type` })),
      choices: {
        frequency: frequencyTypes.map((value) => ({
          value,
          label: t(`compliance:rules.frequency.${value}`),
        })),
        calendars: (await calendars.now()).names.map((value) => ({
          value,
          label: t(`calendar:names.${value}`, { defaultValue: value }),
        })),
        kinds: ['debt_collection', 'research'].map((value) => ({
          value,
          label: t(`compliance:kind.${value}`),
        })),
      },
      label,
    });
  }

  router.get(`${url}/sets/:name/edit`, guard('manager'), byName, async (req, res) => {
    await showEdit(
      req,
      res,
      formState(showRuleForm(await formOf(byName.of(req).params.name, app.clock.now()))),
    );
  });

  const editing = validate({ params: nameParams, body: editBody }, { failed: showEdit });
  router.post(`${url}/sets/:name`, guard('manager'), editing, async (req, res) => {
    const { params, body } = editing.of(req);
    const { note, effective, ...fields } = body;
    const now = app.clock.now();
    const { zone, t } = req.context;
    const effectiveAt = effective ? DateTime.fromISO(effective, { zone }).toMillis() : now;
    const refuse = (errors: Record<string, string>) => {
      res.status(422);
      return showEdit(req, res, formState(req.body as object, errors));
    };
    let form;
    try {
      form = readRuleForm(fields);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      return refuse(fieldErrors(error, t));
    }
    if (form.calendar !== undefined && !(await calendars.now()).get(form.calendar))
      return refuse({ calendar: t('common:errors.choice') });
    if (effective && effectiveAt < now) return refuse({ effective: t('compliance:rules.past') });
    const before = await formOf(params.name, effectiveAt);
    const differences = diffRules(before, form);
    if (differences.length === 0) return refuse({ _: t('compliance:rules.noChange') });
    const { id: by } = userOf(req);
    const added = await store.add({
      ...{ name: params.name, form, note, by, effectiveAt, at: now },
      loosens: loosens(differences),
    });
    const after = {
      name: params.name,
      note,
      effectiveAt,
      loosens: loosens(differences),
      rules: summary(differences),
    };
    await audit(req, added.state === 'approved' ? 'rules.changed' : 'rules.proposed', added.id, { after });
    await startImpact(added.id);
    flash(req, 'success', added.state === 'approved' ? 'compliance:rules.inForce' : 'compliance:rules.waits');
    redirect(req, res, `${url}/versions/${added.id}`);
  });

  async function startImpact(versionId: number): Promise<void> {
    const job = await app.jobs.add(ruleImpactJob, { versionId }, { key: String(versionId) });
    await store.setImpactJob(versionId, job);
  }

  /** What held before this version: the one that was in force when it was written. */
  async function before(version: RuleVersion) {
    const earlier = (await store.ofName(version.name)).find(
      ({ id, state }) => id < version.id && state === 'approved',
    );
    return earlier?.form ?? shipped.get(version.name)?.form ?? emptyForm(version.form);
  }

  async function versionPart(req: Request, version: RuleVersion) {
    const job = version.impact === null && version.impactJob ? await app.jobs.get(version.impactJob) : null;
    const { t } = req.context;
    const word = (reason: string) => t(`compliance:reason.${reason}`);
    return {
      version,
      running: job !== null && (job.state === 'waiting' || job.state === 'running'),
      failed: job?.state === 'failed',
      progress: job?.progress ?? 0,
      impact: version.impact && {
        ...version.impact,
        hours: version.impact.before.map((count, hour) => ({
          at: version.impact!.at + hour * 3_600_000,
          ...{ before: count, after: version.impact!.after[hour]! },
          differs: count !== version.impact!.after[hour],
        })),
        moves: version.impact.moves.map(({ from, to, count }) => ({ from: word(from), to: word(to), count })),
        examples: version.impact.examples.map((one) => ({ ...one, from: word(one.from), to: word(one.to) })),
      },
    };
  }

  const byVersion = validate({ params: versionParams });
  router.get(`${url}/versions/:id`, byVersion, async (req, res) => {
    const version = found(await store.get(byVersion.of(req).params.id));
    const { t } = req.context;
    const who = await names([version.proposedBy, version.decidedBy]);
    const now = app.clock.now();
    const own = version.proposedBy === userOf(req).id;
    const earlier = await before(version);
    page(req, res, 'compliance/rule-version', {
      title: t('compliance:rules.versionOf', { name: version.name, version: version.version }),
      nav: '/compliance',
      ...(await versionPart(req, version)),
      ...stateView(req, version, false, now),
      by: who(version.proposedBy, req),
      decider: version.decidedAt === null ? '' : who(version.decidedBy, req),
      own: version.state === 'proposed' && own,
      mayDecide: version.state === 'proposed' && can(req, 'manager'),
      mayApprove: version.state === 'proposed' && can(req, 'manager') && !own,
      differences: diffRules(earlier, version.form).map((line) => lineView(req, line, earlier, version.form)),
    });
  });

  router.get(`${url}/versions/:id/impact`, byVersion, async (req, res) => {
    const version = found(await store.get(byVersion.of(req).params.id));
    fragment(req, res, 'compliance/rule-impact', await versionPart(req, version));
  });

  router.post(`${url}/versions/:id/impact`, guard('manager'), byVersion, async (req, res) => {
    const version = found(await store.get(byVersion.of(req).params.id));
    await startImpact(version.id);
    redirect(req, res, `${url}/versions/${version.id}`);
  });

  router.post(`${url}/versions/:id/stop`, guard('manager'), byVersion, async (req, res) => {
    const version = found(await store.get(byVersion.of(req).params.id));
    if (version.impactJob) await app.jobs.cancel(version.impactJob);
    redirect(req, res, `${url}/versions/${version.id}`);
  });

  const deciding = validate({ params: versionParams, body: decideBody });
  for (const [verb, state, action] of [
    ['approve', 'approved', 'rules.approved'],
    ['refuse', 'refused', 'rules.refused'],
  ] as const)
    router.post(`${url}/versions/:id/${verb}`, guard('manager'), deciding, async (req, res) => {
      const { params, body } = deciding.of(req);
      const version = found(await store.get(params.id));
      const given = { by: userOf(req).id, at: app.clock.now(), note: body.reason };
      const outcome = await store.decide(version.id, state, given);
      if (outcome !== 'done') throw new HttpProblem(409, `rules-${outcome}`);
      await audit(req, action, version.id, { after: { name: version.name, version: version.version, note: body.reason } }); // prettier-ignore
      flash(req, 'success', `compliance:rules.${state}`);
      redirect(req, res, `${url}/versions/${version.id}`);
    });

  return router;
}

function emptyForm({ source, confidence }: { source: string; confidence: string }): RuleSetForm {
  return { windows: {}, source: source && '', confidence: confidence && '' };
}

function summary(differences: readonly RuleDifference[]): string {
  return differences
    .map(({ field, before, after }) => `${field}: ${before || '–'} → ${after || '–'}`)
    .join('; ');
}

function lineView(req: Request, line: RuleDifference, before: RuleSetForm, after: RuleSetForm) {
  const { t } = req.context;
  const [head = '', day = ''] = line.field.split('.');
  const label = day
    ? `${t('compliance:rules.fields.windows')} ${t(`campaigns:weekdays.${day}`)}`
    : t(`compliance:rules.fields.${head}`);
  return {
    ...line,
    label,
    before: ruleWords(line.field, before, req.context, line.before),
    after: ruleWords(line.field, after, req.context, line.after),
  };
}

function stateView(req: Request, { state, effectiveAt }: RuleVersion, holds: boolean, now: number) {
  const key = state === 'approved' ? (holds ? 'holds' : effectiveAt > now ? 'coming' : 'past') : state;
  const badge =
    { holds: 'ready', coming: 'reserved', past: 'off', proposed: 'paused', refused: 'lost' }[key] ?? 'off';
  return { badge, stateWord: req.context.t(`compliance:rules.states.${key}`) };
}
