import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { fromLocal } from '../../../core/time/local-time.ts';
import type { App } from '../../../core/app.ts';
import { createCalendars } from '../../../core/calendar/index.ts';
import {
  createAuditor,
  fieldErrors,
  flash,
  formState,
  found,
  fragment,
  guard,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../../core/http/index.ts';
import type { RuleSetForm } from '../rules/rule-set.ts';
import { createRuleBook } from './rule-book.ts';
import { diffRules, loosens, type RuleDifference } from './rule-diff.ts';
import {
  frequencyRows,
  frequencyTypes,
  readRuleForm,
  ruleFields,
  showRuleForm,
  weekdays,
  type RuleFields,
} from './rule-form.ts';
import { createImpactStart } from './rule-impact.ts';
import { emptyForm, lineView } from './rule-routes.ts';
import { ruleSetName, versionNote } from './rule-version.ts';
import { createRuleVersionStore, type NewRuleVersion } from './rule-version-store.ts';

const url = '/compliance/rules';
const nameParams = z.object({ name: ruleSetName });
const editBody = ruleFields.extend({
  note: versionNote,
  effective: z.union([z.literal(''), z.iso.date()]).default(''),
});
const newBody = editBody.extend({
  name: z
    .string()
    .trim()
    .refine((name) => ruleSetName.safeParse(name).success, 'compliance:errors.ruleSetName'),
});

/** The form of a rule set: a new version of one, or a set that was not there, from nothing or as a copy. */
export function ruleWriteRoutes(app: App): Router {
  const router = Router();
  const store = createRuleVersionStore(app);
  const book = createRuleBook(app);
  const calendars = createCalendars(app);
  const audit = createAuditor(app, 'rule_versions');
  const startImpact = createImpactStart(app);

  async function formOf(name: string, instant: number): Promise<RuleSetForm> {
    return found((await book.at(instant)).get(name)).form;
  }

  async function showEdit(req: Request, res: Response, form: FormState): Promise<void> {
    const { t } = req.context;
    const name = req.params.name === undefined ? null : ruleSetName.parse(req.params.name);
    const now = app.clock.now();
    const pending = (name === null ? [] : await store.ofName(name)).filter(
      ({ state, effectiveAt }) => state === 'proposed' || (state === 'approved' && effectiveAt > now),
    );
    page(req, res, 'compliance/rule-edit', {
      title: name === null ? t('compliance:rules.new') : t('compliance:rules.editOf', { name }),
      nav: '/compliance',
      ...{ form, name, fresh: name === null },
      action: name === null ? `${url}/new` : `${url}/sets/${name}`,
      back: name === null ? url : `${url}/sets/${name}`,
      backLabel: name ?? t('compliance:rules.title'),
      pending: pending.map((version) => ({ ...version, waits: version.state === 'proposed' })),
      lead: t(name === null ? 'compliance:rules.newLead' : 'compliance:rules.editLead'),
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
    });
  }

  /** What was typed as rules, or the words beside each field that is wrong. */
  async function read(req: Request, fields: RuleFields): Promise<RuleSetForm | Record<string, string>> {
    const { t } = req.context;
    try {
      const form = readRuleForm(fields);
      const known = form.calendar === undefined || (await calendars.now()).get(form.calendar) !== undefined;
      return known ? form : { calendar: t('common:errors.choice') };
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      return fieldErrors(error, t);
    }
  }

  function refuse(req: Request, res: Response, errors: Record<string, string>): Promise<void> {
    res.status(422);
    return showEdit(req, res, formState(req.body as object, errors));
  }

  const checking = validate({ body: ruleFields });
  router.post(`${url}/check`, guard('manager'), checking, async (req, res) => {
    const { t } = req.context;
    const form = await read(req, checking.of(req).body);
    const rules = isForm(form) ? form : null;
    fragment(req, res, 'compliance/rule-check', {
      text:
        rules &&
        diffRules(emptyForm(rules), rules).map((line) => lineView(req, line, emptyForm(rules), rules)),
      errors:
        rules === null &&
        Object.entries(form).map(([field, words]) => ({ field, words, label: labelOf(field, t) })),
    });
  });

  const fromQuery = validate({ query: z.object({ from: ruleSetName.optional() }) });
  router.get(`${url}/new`, guard('manager'), fromQuery, async (req, res) => {
    const { from } = fromQuery.of(req).query;
    const copied = from === undefined ? {} : showRuleForm(await formOf(from, app.clock.now()));
    await showEdit(req, res, formState(copied));
  });

  const making = validate({ body: newBody }, { failed: showEdit });
  router.post(`${url}/new`, guard('manager'), making, async (req, res) => {
    const { note, effective, name, ...fields } = making.of(req).body;
    const now = app.clock.now();
    const effectiveAt = instantOf(req, effective, now);
    const form = await read(req, fields);
    if (!isForm(form)) return refuse(req, res, form);
    const taken = (await book.at(now)).get(name) !== undefined || (await store.ofName(name)).length > 0;
    if (taken) return refuse(req, res, { name: req.context.t('compliance:errors.ruleSetTaken') });
    if (effectiveAt === null) return refuse(req, res, { effective: req.context.t('compliance:rules.past') });
    // A law that was not there decides over calls nobody has looked at by it: always for somebody else to approve.
    await keep(req, res, {
      name,
      form,
      note,
      effectiveAt,
      at: now,
      loosens: true,
      differences: diffRules(emptyForm(form), form),
    });
  });

  const byName = validate({ params: nameParams });
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
    const effectiveAt = instantOf(req, effective, now);
    const form = await read(req, fields);
    if (!isForm(form)) return refuse(req, res, form);
    if (effectiveAt === null) return refuse(req, res, { effective: req.context.t('compliance:rules.past') });
    const before = await formOf(params.name, effectiveAt);
    const differences = diffRules(before, form);
    if (differences.length === 0) return refuse(req, res, { _: req.context.t('compliance:rules.noChange') });
    const given = { name: params.name, form, before, note, effectiveAt, at: now };
    await keep(req, res, { ...given, loosens: loosens(differences), differences, judged: true });
  });

  async function keep(
    req: Request,
    res: Response,
    given: Omit<NewRuleVersion, 'by'> & { differences: readonly RuleDifference[]; judged?: boolean },
  ): Promise<void> {
    const { judged = false, differences: seen, ...version } = given;
    let differences = seen;
    // Somebody else may have written the set since it was read: what this one changes is seen when nobody can any more.
    const against = (holding: RuleSetForm | undefined) => {
      const before = holding ?? version.before;
      if (!judged || before === undefined) return {};
      differences = diffRules(before, version.form);
      return { before, loosens: loosens(differences) };
    };
    const added = await store.add({ ...version, by: userOf(req).id }, against);
    const { name, note, effectiveAt } = version;
    const after = {
      name,
      note,
      effectiveAt,
      loosens: added.state === 'proposed',
      rules: summary(differences),
    };
    await audit(req, added.state === 'approved' ? 'rules.changed' : 'rules.proposed', added.id, { after });
    await startImpact(added.id);
    for (const { id, replaces, state, ...carried } of added.carriedInto) {
      const into = { name, ...carried, loosens: state === 'proposed', replaces: replaces.version };
      await audit(req, 'rules.carried', id, { before: { note: replaces.note }, after: into });
      await startImpact(id);
    }
    if (added.carriedInto.some(({ state }) => state === 'proposed'))
      flash(req, 'success', 'compliance:rules.inForceCarriedWaits');
    else if (added.carriedInto.length > 0) flash(req, 'success', 'compliance:rules.inForceCarried');
    else flash(req, 'success', `compliance:rules.${added.state === 'approved' ? 'inForce' : 'waits'}`);
    redirect(req, res, `${url}/versions/${added.id}`);
  }

  return router;
}

function isForm(read: RuleSetForm | Record<string, string>): read is RuleSetForm {
  return typeof read.windows === 'object';
}

/** Null: a day that has begun. */
function instantOf(req: Request, effective: string, now: number): number | null {
  if (effective === '') return now;
  const at = fromLocal(effective, req.context.zone).toMillis();
  return at < now ? null : at;
}

/** `windows_mon` and `freq_0_type` as the form calls them. */
function labelOf(field: string, t: (key: string) => string): string {
  const [head = '', part = ''] = field.split('_');
  if (head === 'windows') return t(`campaigns:weekdays.${part}`);
  if (head === 'freq') return t('compliance:rules.fields.freq');
  if (field === 'abandon_percent') return t('compliance:rules.fields.abandon_cap');
  if (field === 'transaction_months') return t('compliance:rules.transactionMonths');
  if (field === 'inquiry_months') return t('compliance:rules.inquiryMonths');
  return t(`compliance:rules.fields.${field}`);
}

function summary(differences: readonly RuleDifference[]): string {
  return differences
    .map(({ field, before, after }) => `${field}: ${before || '–'} → ${after || '–'}`)
    .join('; ');
}
