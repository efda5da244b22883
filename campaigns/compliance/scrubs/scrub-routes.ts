import { Router, type Request } from 'express';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { localTime } from '../../../core/time/local-time.ts';
import type { App } from '../../../core/app.ts';
import {
  can,
  conflict,
  createAuditor,
  fieldErrors,
  formState,
  found,
  fragment,
  guard,
  HttpProblem,
  page,
  redirect,
  userOf,
  validate,
} from '../../../core/http/index.ts';
import { countryChoices, defaultCountry, isCountry } from '../../../crm/index.ts';
import { FileProblem } from '../../import/import.ts';
import { receiveUpload } from '../../import/upload.ts';
import { createNames } from '../user-names.ts';
import { namesMeant } from './list-names.ts';
import { scrubDecisionRoutes } from './scrub-decision-routes.ts';
import { canBePutBack, readAreas, scrubKinds, scrubName, type ScrubList } from './scrub-list.ts';
import { createScrubProposals, type ScrubProposal } from './scrub-proposal-store.ts';
import { createScrubRetirements, type ScrubRetirement } from './scrub-retirement-store.ts';
import { createScrubStore } from './scrub-store.ts';
import { createWantedLoads } from './wanted-loads.ts';

/** Ten million numbers with a date beside each. */
const maxMegabytes = 400;
const dayMs = 86_400_000;
const loaders = ['marketing', 'manager'] as const;

const fieldsForm = z
  .object({
    kind: z.enum(scrubKinds),
    country: z.string().refine((code) => isCountry(code), 'dnc:errors.country'),
    name: scrubName,
    areas: z.string().max(2_000).default(''),
    scrubbedOn: z.iso.date(),
    changesOf: z.union([z.literal(''), z.coerce.number().int().positive()]).default(''),
    /** Asked where its name resembles one in force: it is another register. */
    beside: z.literal('yes').optional().catch(undefined),
  })
  .transform((given, context) => {
    const areas = readAreas(given.areas, given.country);
    if (areas === null)
      context.addIssue({ code: 'custom', path: ['areas'], message: 'compliance:errors.areas' });
    return { ...given, areas: areas ?? [] };
  });
const idParams = z.object({ id: z.coerce.number().int().positive() });

/** National lists and lists of numbers given back: which are in force, how old they are, and a new file. */
export function scrubRoutes(app: App): Router {
  const router = Router();
  const store = createScrubStore(app);
  const loads = createWantedLoads(app);
  const names = createNames(app);
  const audit = createAuditor(app, 'scrub_lists');
  const url = '/compliance/lists';

  async function shownLists(req: Request) {
    const { t } = req.context;
    const all = await store.list();
    const who = await names(all.map(({ loadedBy }) => loadedBy));
    const proposals = await createScrubProposals(app).ofLists(all.map(({ id }) => id));
    const retirements = await createScrubRetirements(app).waiting();
    const today = Math.floor(app.clock.now() / dayMs);
    return Promise.all(
      all.map(async (list) => {
        const job = list.state === 'loading' && list.jobId ? await app.jobs.get(list.jobId) : null;
        return {
          ...list,
          ...proposalView(req, list, proposals.get(list.id)),
          ...retirementView(req, retirements.get(list.id)),
          ...stateView(list.state),
          stateWord: t(`compliance:lists.states.${list.state}`),
          kindWord: t(`compliance:lists.kinds.${list.kind}`),
          areaWords: areaWords(req, list),
          ageDays: today - Math.floor(Date.parse(list.scrubbedOn) / dayMs),
          who: who(list.loadedBy, req),
          progress: job?.progress ?? 0,
          busy: list.state === 'loading',
          active: list.state === 'active',
          mustReload: list.misread && list.state === 'active',
          failureWord: failureWord(req, list),
          mayRetire: can(req, 'manager') && !retirements.has(list.id),
          mayPutBack: can(req, 'manager') && !list.misread && canBePutBack(list, app.clock.now()),
        };
      }),
    );
  }

  async function livePart(req: Request) {
    const lists = await shownLists(req);
    return { lists, busy: lists.some(({ busy }) => busy) };
  }

  router.get(url, async (req, res) => {
    const { t } = req.context;
    page(req, res, 'compliance/lists', {
      title: t('compliance:lists.title'),
      nav: '/compliance',
      mayLoad: can(req, ...loaders),
      ...(await livePart(req)),
    });
  });

  router.get(`${url}/live`, async (req, res) => {
    fragment(req, res, 'compliance/lists-live', await livePart(req));
  });

  router.get(`${url}/new`, guard(...loaders), async (req, res) => {
    const { t, locale } = req.context;
    const active = await store.active();
    const named = await store.named();
    page(req, res, 'compliance/list-new', {
      title: t('compliance:lists.load'),
      nav: '/compliance',
      script: 'compliance-list',
      pageData: {
        inForce: active.map(({ kind, country, name, areas }) => ({ kind, country, name, areas })),
        named: named.map(({ kind, country, name }) => ({ kind, country, name })),
      },
      named: named.map((list) => ({ name: list.name, areas: areaWords(req, list) })),
      megabytes: maxMegabytes,
      form: formState({ kind: 'national', country: await app.settings.get(defaultCountry) }),
      choices: {
        kinds: scrubKinds.map((value) => ({ value, label: t(`compliance:lists.kinds.${value}`) })),
        countries: countryChoices(locale),
        changes: active.map(({ id, name, country }) => ({
          value: id,
          label: t('compliance:lists.changesOf', { name, country }),
        })),
      },
      words: { ...uploadWords(req), beside: t('compliance:lists.besideMissing') },
    });
  });

  router.post(url, guard(...loaders), async (req, res) => {
    const { id: userId } = userOf(req);
    const upload = await receiveUpload(req, app.config.dataDir, maxMegabytes * 1024 * 1024).catch(refuse);
    let listId: number;
    try {
      const fields = fieldsForm.safeParse(upload.fields);
      if (!fields.success)
        throw new HttpProblem(422, 'invalid', {}, fieldErrors(fields.error, req.context.t));
      const { changesOf, beside, ...given } = fields.data;
      // A list of tomorrow would never grow old: the mistake has to be seen where it is made.
      const { t, zone } = req.context;
      if (given.scrubbedOn > localTime(app.clock.now(), zone).toISODate()!)
        throw new HttpProblem(422, 'invalid', {}, { scrubbedOn: t('compliance:errors.future') });
      const changed = changesOf === '' ? null : await store.get(changesOf);
      if (changesOf !== '' && changed?.state !== 'active') throw new HttpProblem(422, 'list-not-active');
      if (changed && (await store.waits(changed))) throw conflict('list-waits');
      const [meant] = changed || beside ? [] : namesMeant(given, await store.named());
      if (meant)
        throw new HttpProblem(422, 'invalid', {}, { name: t('compliance:errors.nameMeant', { name: meant.name }) }); // prettier-ignore
      const target = changed ?? given;
      const loaded = {
        ...{ kind: target.kind, country: target.country, name: target.name, areas: [...target.areas] },
        ...{ scrubbedOn: given.scrubbedOn, fileName: upload.fileName, changesOf: changed?.id ?? null },
      };
      listId = await app.db.transaction(async (trx) => {
        const list = { ...loaded, filePath: upload.filePath, loadedBy: userId };
        const id = await store.create(list, app.clock.now(), trx);
        await audit(req, 'scrub.loaded', id, { after: loaded }, trx);
        return id;
      });
    } catch (error) {
      await rm(join(app.config.dataDir, upload.filePath), { force: true });
      throw error;
    }
    await loads.queue(listId);
    res.json({ location: url });
  });

  const byId = validate({ params: idParams });
  router.post(`${url}/:id/stop`, guard(...loaders), byId, async (req, res) => {
    const list = found(await store.get(byId.of(req).params.id));
    if (list.state === 'loading') {
      // Written down first: a job that is gone from the queue while the list loads is begun again.
      await store.fail(list.id, 'stopped', app.clock.now());
      await audit(req, 'scrub.stopped', list.id, {
        before: { name: list.name, scrubbedOn: list.scrubbedOn, fileName: list.fileName },
      });
      if (list.jobId) await app.jobs.cancel(list.jobId);
    }
    if (list.filePath) await rm(join(app.config.dataDir, list.filePath), { force: true });
    redirect(req, res, url);
  });

  return router.use(scrubDecisionRoutes(app));
}

const areaWords = (req: Request, { areas }: Pick<ScrubList, 'areas'>) =>
  areas.join(' ') || req.context.t('compliance:lists.wholeCountry');

const failures = new Set(['no-numbers', 'merged', 'stopped', 'list-waits', 'not-whole', 'misread']);

function failureWord(req: Request, { state, failure }: ScrubList): string {
  if (state !== 'failed') return '';
  return req.context.t(`compliance:lists.failures.${failures.has(failure ?? '') ? failure : 'error'}`);
}

/** Why a list waits for somebody else, and who may say so. */
function proposalView(req: Request, { state }: ScrubList, proposal: ScrubProposal | undefined) {
  if (!proposal || state !== 'proposed')
    return { refusedNote: state === 'refused' ? proposal?.decisionNote : null };
  const { t } = req.context;
  const own = proposal.proposedBy === userOf(req).id;
  return {
    doubts: proposal.doubts.map(({ code, ...params }) => t(`compliance:lists.doubts.${code}`, params)),
    own,
    mayRefuse: can(req, 'manager'),
    mayApprove: can(req, 'manager') && !own,
  };
}

/** A list in force that somebody would retire. */
function retirementView(req: Request, retirement: ScrubRetirement | undefined) {
  if (!retirement) return {};
  const ownRetirement = retirement.proposedBy === userOf(req).id;
  const mayDecide = can(req, 'manager');
  return {
    ...{ retirement, ownRetirement, mayKeep: mayDecide, mayAgreeToRetire: mayDecide && !ownRetirement },
  };
}

function stateView(state: ScrubList['state']): { badge: string; icon: string } {
  if (state === 'active') return { badge: 'ready', icon: 'shield-check' };
  if (state === 'loading') return { badge: 'reserved', icon: 'loader-2' };
  if (state === 'proposed') return { badge: 'paused', icon: 'users' };
  return state === 'failed' || state === 'refused'
    ? { badge: 'lost', icon: 'alert-circle' }
    : { badge: 'off', icon: 'archive' };
}

/** Words of the script that sends a file. */
export function uploadWords(req: Request): Record<string, string> {
  const { t } = req.context;
  return {
    sending: t('dnc:import.sending'),
    reading: t('dnc:import.reading'),
    failed: t('dnc:import.failed'),
    noFile: t('dnc:import.noFile'),
  };
}

export function refuse(error: unknown): never {
  if (!(error instanceof FileProblem)) throw error;
  if (error.code === 'too-large') throw new HttpProblem(413, 'dnc-file-too-large', { most: maxMegabytes });
  throw new HttpProblem(422, 'dnc-file-empty');
}
