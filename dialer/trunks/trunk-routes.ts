import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  createAuditor,
  flash,
  formState,
  found,
  guard,
  HttpProblem,
  idParams,
  page,
  redirect,
  validate,
  wantsJson,
  type FormState,
} from '../../core/http/index.ts';
import { defaultCountry, readPhone, type PhoneProblem } from '../../crm/index.ts';
import { askDialers } from '../cells/ask-dialers.ts';
import { gateRefusalInWords } from '../gate-refusal.ts';
import type { DialerCommands, DialerStatus, TrunkStatus } from '../protocol.ts';
import { trunkCodecs, trunkFormSchema, trunkTransports, type Trunk, type TrunkForm } from './trunk.ts';
import { createTrunkHealthStore } from '../line-health/trunk-health-store.ts';
import type { HealthState } from '../line-health/trunk-health.ts';
import { shownHealth, shownWorse } from '../line-health/shown-health.ts';
import { createTrunkStore } from './trunk-store.ts';

const moveBody = z.object({ direction: z.enum(['up', 'down']) });
const testBody = z.object({ e164: z.string().trim().min(1).max(60) });

/** One with its country's code is called as it is: the firm's own lines may be in no plan of numbers. */
function numberFor(text: string, country: string): string | { problem: PhoneProblem } {
  const plain = text.replace(/[\s().-]/g, '');
  if (/^\+[1-9]\d{5,14}$/.test(plain)) return plain;
  const reading = readPhone(text, country);
  return reading.ok ? reading.e164 : reading;
}

/** A page must not wait for a dialer that is away. */
const statusMs = 800;
/** Ringing, talk, and what the network takes. */
const testMs = 40_000;

/** Ways out to the telephone network, for administrators. */
export function trunkRoutes(app: App): Router {
  const router = Router();
  const store = createTrunkStore(app);
  const healthStore = createTrunkHealthStore(app);
  const audit = createAuditor(app, 'trunks');
  router.use('/trunks', guard('administrator'));

  router.get('/trunks', async (req, res) => {
    const [trunks, status, health] = await Promise.all([store.all(), dialerStatus(app), healthStore.all()]);
    const rows = trunks.map((trunk, index) => ({
      ...trunk,
      first: index === 0,
      last: index === trunks.length - 1,
      ...stateOf(trunk, status, health.get(trunk.id)?.state ?? 'free'),
      health: shownHealth(health.get(trunk.id)),
      worse: shownWorse(health.get(trunk.id)),
    }));
    page(req, res, 'dialer/trunks', {
      title: req.context.t('dialer:trunks.title'),
      styles: ['trunks'],
      trunks: rows,
      dialerAway: status === null,
      switchDown: status !== null && status.every((each) => each.switch !== 'up'),
    });
  });

  router.get('/trunks/new', (req, res) => {
    const values = {
      port: 5060,
      transport: 'udp',
      codecs: ['alaw', 'ulaw'],
      channels: 30,
      callsPerSecond: 5,
      weight: 10,
    };
    showForm(req, res, formState({ ...values, enabled: true }));
  });

  const create = validate(
    { body: trunkFormSchema },
    { failed: (req, res, form) => showForm(req, res, form) },
  );
  router.post('/trunks', create, async (req, res) => {
    const { body } = create.of(req);
    const saved = await store.create(body, app.clock.now());
    if (!saved.saved) return nameTaken(req, res, null);
    await audit(req, 'trunk.created', saved.id, { after: shown(body) });
    flash(req, 'success', 'dialer:trunks.saved', { name: body.name });
    redirect(req, res, `/trunks/${saved.id}`);
  });

  const byId = validate({ params: idParams });
  router.get('/trunks/:id', byId, async (req, res) => {
    const trunk = found(await store.get(byId.of(req).params.id));
    const health = trunk.enabled ? await healthStore.get(trunk.id) : undefined;
    const told = { health: shownHealth(health), worse: shownWorse(health) };
    showForm(req, res, formState({ ...trunk, prefixRules: trunk.prefixRules }), trunk, told);
  });

  const edit = validate(
    { params: idParams, body: trunkFormSchema },
    {
      failed: async (req, res, form) =>
        showForm(req, res, form, found(await store.get(Number(req.params.id)))),
    },
  );
  router.post('/trunks/:id', edit, async (req, res) => {
    const { params, body } = edit.of(req);
    const before = found(await store.get(params.id));
    const saved = await store.update(params.id, body, app.clock.now());
    if (!saved.saved) return nameTaken(req, res, before);
    await audit(req, 'trunk.changed', params.id, { before: shown(before), after: shown(body) });
    flash(req, 'success', 'dialer:trunks.saved', { name: body.name });
    redirect(req, res, '/trunks');
  });

  for (const enabled of [true, false])
    router.post(`/trunks/:id/${enabled ? 'enable' : 'disable'}`, byId, async (req, res) => {
      const { id } = byId.of(req).params;
      const trunk = found(await store.get(id));
      await store.enable(id, enabled, app.clock.now());
      await audit(req, enabled ? 'trunk.enabled' : 'trunk.disabled', id);
      flash(req, 'success', enabled ? 'dialer:trunks.nowOn' : 'dialer:trunks.nowOff', { name: trunk.name });
      redirect(req, res, '/trunks');
    });

  const move = validate({ params: idParams, body: moveBody });
  router.post('/trunks/:id/move', move, async (req, res) => {
    const { params, body } = move.of(req);
    const ids = (await store.all()).map(({ id }) => id);
    const from = ids.indexOf(params.id);
    const to = from + (body.direction === 'up' ? -1 : 1);
    if (from >= 0 && to >= 0 && to < ids.length) {
      ids.splice(to, 0, ...ids.splice(from, 1));
      await store.order(ids, app.clock.now());
      await audit(req, 'trunk.ordered', params.id, { after: { order: ids } });
    }
    redirect(req, res, '/trunks');
  });

  const test = validate({ params: idParams, body: testBody });
  router.post('/trunks/:id/test', test, async (req, res) => {
    const { params, body } = test.of(req);
    found(await store.get(params.id));
    const country = await app.settings.get(defaultCountry);
    const e164 = numberFor(body.e164, country);
    if (typeof e164 !== 'string') {
      const words = req.context.t(country ? `crm:phoneProblems.${e164.problem}` : 'dialer:errors.number');
      throw new HttpProblem(422, 'invalid', {}, { e164: words });
    }
    await audit(req, 'trunk.tested', params.id, { after: { e164 } });
    const result = await app.bus
      .request<DialerCommands['trunk.test'][1]>(
        'trunk.test',
        { trunkId: params.id, e164 },
        { timeoutMs: testMs },
      )
      .catch((error: unknown) => {
        throw gateRefusalInWords(req, error);
      });
    const { t } = req.context;
    const ok = result.outcome === 'answered';
    const said = {
      outcome: t(`dialer:cause.${result.outcome}`),
      seconds: Math.round(result.ms / 100) / 10,
    };
    if (wantsJson(req)) return void res.json({ ok, text: t('dialer:trunks.testResult', said) });
    flash(req, ok ? 'success' : 'danger', 'dialer:trunks.testResult', said);
    redirect(req, res, `/trunks/${params.id}`);
  });

  function showForm(
    req: Request,
    res: Response,
    form: FormState,
    trunk: Trunk | null = null,
    told: { health?: object | null; worse?: object | null } = {},
  ): void {
    const { t } = req.context;
    page(req, res, 'dialer/trunk', {
      title: trunk ? trunk.name : t('dialer:trunks.add'),
      nav: '/trunks',
      script: 'trunks',
      styles: ['trunks'],
      form,
      trunk,
      ...told,
      rules: rowsOf(form.values.prefixRules, { match: '', strip: '', add: '' }),
      headers: rowsOf(form.values.headers, { name: '', value: '' }),
      choices: {
        transports: trunkTransports.map((value) => ({ value, label: value.toUpperCase() })),
        codecs: trunkCodecs.map((value) => ({ value, label: codecNames[value] })),
      },
    });
  }

  function nameTaken(req: Request, res: Response, trunk: Trunk | null): void {
    res.status(422);
    const error = req.context.t('dialer:errors.nameTaken');
    showForm(req, res, formState(req.body as object, { name: error }), trunk);
  }

  return router;
}

const codecNames: Record<(typeof trunkCodecs)[number], string> = {
  alaw: 'G.711 A-law',
  ulaw: 'G.711 µ-law',
  g722: 'G.722',
  opus: 'Opus',
  g729: 'G.729',
  gsm: 'GSM',
};

/** Rows to be edited; there is always one to be filled in. */
const rowsOf = (given: unknown, empty: object): object[] =>
  (Array.isArray(given) && given.length > 0 ? (given as object[]) : [empty]).map((row, index) => ({
    ...row,
    index,
  }));

/** What the audit may keep: of a password only that it was given. */
function shown(trunk: TrunkForm | Trunk): object {
  const { name, host, port, transport, username, register, codecs, channels, callsPerSecond } = trunk;
  const { loginInFrom, prefixRules, callerId, weight, headers, enabled } = trunk;
  const password = 'password' in trunk && trunk.password ? { password: '(changed)' } : {};
  return {
    ...{ name, host, port, transport, username, register, codecs, channels, callsPerSecond },
    ...{ loginInFrom, prefixRules, callerId, weight, enabled },
    headers: headers.map((header) => `${header.name}: ${header.value}`),
    ...password,
  };
}

/** What the dialers that answer say, each of its part of the trunks; null when none does. */
async function dialerStatus(app: App): Promise<DialerStatus[] | null> {
  const answers = await askDialers(app, statusMs).catch(() => []);
  const statuses = answers.flatMap(({ status }) => status ?? []);
  return statuses.length > 0 ? statuses : null;
}

function stateOf(trunk: Trunk, statuses: DialerStatus[] | null, health: HealthState) {
  const live = (statuses ?? []).flatMap(({ trunks }) => trunks.filter(({ id }) => id === trunk.id));
  const trouble = trunk.enabled ? troubleOf(live) : null;
  const isOut = health !== 'free';
  const state = !trunk.enabled ? 'off' : trouble ? 'lost' : isOut ? 'paused' : 'ready';
  const stateKey = !trunk.enabled ? 'off' : (trouble?.key ?? (isOut ? health : 'on'));
  const inUse = live.reduce((sum, { channelsInUse }) => sum + channelsInUse, 0);
  return { state, stateKey, since: trouble?.since ?? null, channelsInUse: live.length > 0 ? inUse : null };
}

/** The first of what keeps any dialer's calls from leaving over it, and since when. */
function troubleOf(live: readonly TrunkStatus[]): { key: string; since: number | null } | null {
  const refusing = live.find(({ refusesUs }) => refusesUs);
  if (refusing) return { key: 'refusesUs', since: refusing.troubledSince };
  const reach = live.find((each) => each.reach)?.reach;
  if (reach) return { key: reach.trouble, since: reach.since };
  const failing = live.find((each) => each.failing);
  if (failing) return { key: 'failing', since: failing.troubledSince };
  const toBeTried = live.find((each) => each.toBeTried);
  return toBeTried ? { key: 'toBeTried', since: toBeTried.troubledSince } : null;
}
