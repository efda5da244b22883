import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  conflict,
  flash,
  formState,
  found,
  fragment,
  guard,
  idParams,
  isHtmx,
  page,
  redirect,
  userOf,
  validate,
  wantsJson,
  type FormState,
} from '../../core/http/index.ts';
import { createEditorView, standOf } from './editor-view.ts';
import { blocksPublishing } from './script-check.ts';
import { copied, emptyContent, operate, withStep, type Edited } from './script-edit.ts';
import { readingWords } from './reading-words.ts';
import { languageTag, scriptName, stepForm, stepId } from './script-form.ts';
import { scriptEditors } from './script-access.ts';
import { createScriptStore, type By } from './script-store.ts';
import type { ScriptSurroundings } from './script-surroundings.ts';
import type { Script } from './script.ts';

const shownQuery = z.object({ step: stepId.optional(), lang: languageTag.optional() });
const stepParams = idParams.extend({ stepId });
const revision = z.coerce.number().int().min(0);
const previewQuery = z.object({
  lang: languageTag.optional().or(z.literal('')),
  customer: z.string().max(200).default(''),
  version: z.coerce.number().int().positive().optional(),
});

/** Scripts: the list, one script's editor with its preview, publishing, and what was published. */
export function scriptRoutes(app: App, surroundings: ScriptSurroundings): Router {
  const router = Router();
  const store = createScriptStore(app);
  const view = createEditorView(app, surroundings);
  router.use('/scripts', guard(...scriptEditors));
  const by = (req: Request): By => ({ userId: userOf(req).id, ip: req.ip, at: app.clock.now() });
  const byId = validate({ params: idParams });

  router.get('/scripts', (req, res) => showList(req, res, formState()));

  const create = validate({ body: scriptName }, { failed: showList });
  router.post('/scripts', create, async (req, res) => {
    const id = await store.create(create.of(req).body.name, emptyContent(req.context.locale), by(req));
    redirect(req, res, `/scripts/${id}`);
  });

  const open = validate({ params: idParams, query: shownQuery });
  router.get('/scripts/:id', open, async (req, res) => {
    const { params, query } = open.of(req);
    const script = found(await store.get(params.id));
    await show(req, res, script, shownOf(script, query));
  });

  const kept = validate({ params: stepParams, body: stepForm });
  router.post('/scripts/:id/steps/:stepId', kept, async (req, res) => {
    const { params, body } = kept.of(req);
    const script = writable(found(await store.get(params.id)));
    const typed = withStep(script.draft, params.stepId, body);
    const edited = operate({ content: typed, stepId: params.stepId, language: body.language }, body);
    if (!edited) throw conflict('script-no-room');
    const saved = await store.keep(script.id, body.revision, edited.content, by(req));
    if (!saved.kept) {
      if (wantsJson(req)) throw conflict('script-changed');
      // What was typed stands over what the other has written; keeping it again is a choice about this step alone.
      const theirs = found(await store.get(script.id));
      res.status(409);
      const content = withStep(theirs.draft, params.stepId, body);
      return show(req, res, theirs, { content, stepId: params.stepId, language: body.language }, true);
    }
    if (wantsJson(req)) return void res.json({ revision: saved.revision });
    if (!isHtmx(req)) return redirect(req, res, addressOf(script.id, edited));
    const now = { ...script, draft: edited.content, revision: saved.revision };
    await show(req, res, now, edited);
  });

  router.get('/scripts/:id/beside', open, async (req, res) => {
    const { params, query } = open.of(req);
    const script = found(await store.get(params.id));
    const edited = shownOf(script, query);
    fragment(req, res, 'crm/script-beside', { scriptRow: script, ...(await view.beside(req, edited)), language: edited.language, stand: standOf(script) }); // prettier-ignore
  });

  const look = validate({ params: idParams, query: previewQuery });
  router.get('/scripts/:id/preview', look, async (req, res) => {
    const { params, query } = look.of(req);
    const script = found(await store.get(params.id));
    const versions = query.version === undefined ? [] : await store.versionsOf(script.id);
    const content =
      query.version === undefined
        ? script.draft
        : found(versions.find(({ version }) => version === query.version)).content;
    fragment(req, res, 'crm/script-preview', await view.preview(req, content, { scriptId: script.id, query: query.customer, language: query.lang || undefined })); // prettier-ignore
  });

  const versionParams = idParams.extend({ version: z.coerce.number().int().positive() });
  const published = validate({ params: versionParams });
  router.get('/scripts/:id/versions/:version', published, async (req, res) => {
    const { params } = published.of(req);
    const script = found(await store.get(params.id));
    const version = found((await store.versionsOf(script.id)).find((one) => one.version === params.version));
    const { content } = version;
    const edited = { content, stepId: content.steps[0]!.id, language: content.languages[0]! };
    const { flow } = await view.beside(req, edited);
    page(req, res, 'crm/script-version', {
      title: req.context.t('scripts:versionTitle', { name: script.name, version: version.version }),
      nav: '/scripts',
      script: 'scripts',
      styles: ['crm', 'campaigns', 'scripts', 'reading'],
      version,
      flow,
      scriptId: script.id,
      ...(await view.preview(req, content, {
        scriptId: script.id,
        language: content.languages.find((tag) => tag === req.context.locale),
      })),
      words: words(req),
    });
  });

  const naming = validate({ params: idParams, body: scriptName });
  router.post('/scripts/:id/name', naming, async (req, res) => {
    const { params, body } = naming.of(req);
    found(await store.get(params.id));
    await store.rename(params.id, body.name, by(req));
    flash(req, 'success', 'scripts:renamed', { name: body.name });
    redirect(req, res, `/scripts/${params.id}`);
  });

  router.post('/scripts/:id/copy', byId, async (req, res) => {
    const script = found(await store.get(byId.of(req).params.id));
    const name = req.context.t('scripts:copyName', { name: script.name }).slice(0, 120);
    const id = await store.create(name, copied(script.draft), by(req), script.id);
    flash(req, 'success', 'scripts:copied', { name });
    redirect(req, res, `/scripts/${id}`);
  });

  const publish = validate({ params: idParams, body: z.object({ revision }) });
  router.post('/scripts/:id/publish', publish, async (req, res) => {
    const { params, body } = publish.of(req);
    const script = writable(found(await store.get(params.id)));
    // What is on the screen is what is published, and nothing that came between.
    if (script.revision !== body.revision) throw conflict('script-changed');
    if (script.version > 0 && script.revision === script.publishedRevision)
      throw conflict('script-unchanged');
    if (blocksPublishing(await view.problemsOf(script.draft))) throw conflict('script-has-problems');
    const version = await store.publish(script, by(req));
    if (version === null) throw conflict('script-changed');
    flash(req, 'success', 'scripts:published', { name: script.name, version });
    redirect(req, res, `/scripts/${script.id}`);
  });

  const archive = validate({ params: idParams, body: z.object({ archived: z.enum(['yes', 'no']) }) });
  router.post('/scripts/:id/archive', archive, async (req, res) => {
    const { params, body } = archive.of(req);
    const script = found(await store.get(params.id));
    const isArchived = body.archived === 'yes';
    const users = (await surroundings.usedBy()).get(script.id) ?? [];
    if (isArchived && users.length > 0) throw conflict('script-in-use', { campaigns: users.join(', ') });
    if (!(await store.archive(script.id, isArchived, by(req)))) throw conflict('script-changed');
    flash(req, 'success', isArchived ? 'scripts:archived' : 'scripts:restored', { name: script.name });
    redirect(req, res, '/scripts');
  });

  async function showList(req: Request, res: Response, form: FormState): Promise<void> {
    const usedBy = await surroundings.usedBy();
    page(req, res, 'crm/scripts', {
      title: req.context.t('scripts:title'),
      nav: '/scripts',
      styles: ['crm', 'campaigns', 'scripts', 'reading'],
      form,
      scripts: (await store.all()).map((script) => ({
        ...script,
        steps: script.draft.steps.length,
        campaigns: usedBy.get(script.id) ?? [],
        stand: standOf(script),
      })),
    });
  }

  /** The editor as a page, or what of it changes with the step. */
  async function show(
    req: Request,
    res: Response,
    script: Script,
    edited: Edited,
    isConflict = false,
  ): Promise<void> {
    const stand = standOf(script);
    const shared = {
      scriptRow: script,
      stand,
      isConflict,
      ...(await view.beside(req, edited)),
      ...(await view.form(req, edited)),
    };
    if (isHtmx(req)) return fragment(req, res, 'crm/script-editor', shared);
    page(req, res, 'crm/script', {
      title: script.name,
      nav: '/scripts',
      script: 'scripts',
      styles: ['crm', 'campaigns', 'scripts', 'reading'],
      ...shared,
      nameForm: formState({ name: script.name }),
      campaigns: (await surroundings.usedBy()).get(script.id) ?? [],
      versions: (await store.versionsOf(script.id)).map(({ version, publishedAt }) => ({
        version,
        publishedAt,
      })),
      ...(await view.preview(req, edited.content, { scriptId: script.id, language: edited.language })),
      words: words(req),
    });
  }

  return router;
}

const addressOf = (id: number, { stepId: step, language }: Edited): string =>
  `/scripts/${id}?step=${step}&lang=${language}`;

/** The step and language that are asked for, or the first of each. */
function shownOf({ draft }: Script, { step, lang }: z.output<typeof shownQuery>): Edited {
  const shown = draft.steps.find(({ id }) => id === step) ?? draft.steps[0]!;
  const language = lang && draft.languages.includes(lang) ? lang : draft.languages[0]!;
  return { content: draft, stepId: shown.id, language };
}

function writable(script: Script): Script {
  if (script.archivedAt !== null) throw conflict('script-archived');
  return script;
}

/** For the editor's own code. */
function words(req: Request): Record<string, string> {
  const { t } = req.context;
  const keys = ['saving', 'saved', 'unsaved', 'clash'];
  return {
    ...Object.fromEntries(keys.map((key) => [`scripts.${key}`, t(`scripts:editor.${key}`)])),
    ...readingWords(t),
  };
}
