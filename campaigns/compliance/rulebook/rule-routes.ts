import { Router, type Request } from 'express';
import { z } from 'zod';
import type { App } from '../../../core/app.ts';
import {
  can,
  createAuditor,
  flash,
  found,
  fragment,
  guard,
  HttpProblem,
  page,
  redirect,
  userOf,
  validate,
} from '../../../core/http/index.ts';
import { loadCatalogue } from '../rules/catalogue.ts';
import type { RuleSetForm } from '../rules/rule-set.ts';
import { createNames } from '../user-names.ts';
import { createRuleBook, holdingAt } from './rule-book.ts';
import { diffRules, type RuleDifference } from './rule-diff.ts';
import { createImpactStart } from './rule-impact.ts';
import { ruleList, ruleSlice, shownRuleSets } from './rule-list.ts';
import { reversedBy } from './rule-reversal.ts';
import { placeOf, ruleWords, sourceName } from './rule-words.ts';
import { ruleSetName, versionNote, type RuleVersion } from './rule-version.ts';
import { createRuleVersionStore } from './rule-version-store.ts';

const url = '/compliance/rules';
const nameParams = z.object({ name: ruleSetName });
const versionParams = z.object({ id: z.coerce.number().int().positive() });
const decideBody = z.object({ reason: versionNote });

/** Rule sets as data: what holds, how it came to that, a form to write a new version, and somebody else's yes to it. */
export function ruleRoutes(app: App): Router {
  const router = Router();
  const store = createRuleVersionStore(app);
  const book = createRuleBook(app);
  const shipped = loadCatalogue();
  const names = createNames(app);
  const audit = createAuditor(app, 'rule_versions');
  const startImpact = createImpactStart(app);

  router.get(url, async (req, res) => {
    const { t } = req.context;
    const now = app.clock.now();
    const catalogue = await book.at(now);
    const holding = holdingAt(await store.approved(), now);
    const proposals = await store.proposed();
    const who = await names(proposals.map(({ proposedBy }) => proposedBy));
    const sets = shownRuleSets(catalogue, holding, req.context);
    await ruleList.respond(
      req,
      res,
      'compliance/rules',
      async (request) => ruleSlice(sets, request, req.context.locale),
      {
        title: t('compliance:rules.title'),
        nav: '/compliance',
        mayEdit: can(req, 'manager'),
        proposals: proposals.map((version) => ({ ...version, by: who(version.proposedBy, req) })),
      },
    );
  });

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
      about: [placeOf(name, req.context), sourceName(rules.form.source)].filter(Boolean).join(' · '),
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

  /** What would hold without this version: the one whose place it takes, or that was in force when it was written. */
  async function before(version: RuleVersion) {
    const replaced = await replacedBy(version);
    if (replaced) return replaced.form;
    const earlier = (await store.ofName(version.name)).find(
      ({ id, state }) => id < version.id && state === 'approved',
    );
    return earlier?.form ?? shipped.get(version.name)?.form ?? emptyForm(version.form);
  }

  /** An approved version of a later day that loosens again what this one changes. */
  async function reversalOf(version: RuleVersion, earlier: RuleSetForm): Promise<RuleVersion | null> {
    const approved = (await store.ofName(version.name)).filter(
      ({ id, state }) => state === 'approved' && id !== version.id,
    );
    const coming = approved.filter(({ effectiveAt }) => effectiveAt > app.clock.now());
    return reversedBy({ ...version, before: earlier }, coming);
  }

  /** That version as it waits for a second person, written anew for the same instant. */
  async function anewOf(reversal: RuleVersion | null): Promise<RuleVersion | null> {
    if (!reversal) return null;
    const waits = ({ id, state, effectiveAt }: RuleVersion) =>
      id > reversal.id && state === 'proposed' && effectiveAt === reversal.effectiveAt;
    return (await store.ofName(reversal.name)).find(waits) ?? null;
  }

  /** Approved for the same instant before it: never in force once this one is approved. */
  async function replacedBy({ id, name, state, effectiveAt }: RuleVersion): Promise<RuleVersion | null> {
    if (state === 'refused') return null;
    const same = (one: RuleVersion) => one.state === 'approved' && one.effectiveAt === effectiveAt;
    return (await store.ofName(name)).find((one) => one.id < id && same(one)) ?? null;
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
    const reversal = version.state === 'refused' ? null : await reversalOf(version, earlier);
    page(req, res, 'compliance/rule-version', {
      title: t('compliance:rules.versionOf', { name: version.name, version: version.version }),
      nav: '/compliance',
      ...(await versionPart(req, version)),
      ...stateView(req, version, holdingAt(await store.approved(), now).get(version.name)?.id === version.id, now), // prettier-ignore
      // A new set that nobody has approved has no page yet.
      back: (await book.at(now)).get(version.name) ? `${url}/sets/${version.name}` : url,
      by: who(version.proposedBy, req),
      decider: version.decidedAt === null ? '' : who(version.decidedBy, req),
      own: version.state === 'proposed' && own,
      mayDecide: version.state === 'proposed' && can(req, 'manager'),
      reversal,
      anew: version.state === 'approved' ? await anewOf(reversal) : null,
      replaced: await replacedBy(version),
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

export function emptyForm({ source, confidence }: { source: string; confidence: string }): RuleSetForm {
  return { windows: {}, source: source && '', confidence: confidence && '' };
}

export function lineView(req: Request, line: RuleDifference, before: RuleSetForm, after: RuleSetForm) {
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
