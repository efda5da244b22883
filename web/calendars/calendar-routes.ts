import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { createCalendarUses } from '../../campaigns/compliance/index.ts';
import type { App } from '../../core/app.ts';
import {
  calendarName,
  changeNote,
  createCalendars,
  createCalendarStore,
  dayEdit,
  dayKinds,
  loosensDay,
  readDays,
  realEdits,
  type Calendar,
  type CalendarBook,
  type DayEdit,
} from '../../core/calendar/index.ts';
import {
  can,
  createAuditor,
  flash,
  formState,
  found,
  guard,
  HttpProblem,
  page,
  redirect,
  userOf,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { dayMs, formatDay, parseDay } from '../../core/time/local-day.ts';
import { UserStore } from '../../core/users/index.ts';
import { line } from '../../core/text/index.ts';
import { changeView, dayView, editView, nameWords, yearView } from './calendar-view.ts';

const url = '/calendars';
const readers = ['supervisor', 'marketing', 'manager'] as const;
const yearQuery = z.object({ year: z.coerce.number().int().min(2000).max(2100).optional().catch(undefined) });
const nameParams = z.object({ name: calendarName });
const idParams = z.object({ id: z.coerce.number().int().positive() });
const time = z.string().trim().max(5).default('');
const longestRange = 31;

/** One calendar for dialling, queues and promises of service: seen by the year, changed with who and why. */
export function calendarRoutes(app: App): Router {
  const router = Router();
  const store = createCalendarStore(app);
  const calendars = createCalendars(app);
  const usesOf = createCalendarUses(app);
  const users = new UserStore(app.db);
  const audit = createAuditor(app, 'calendar_changes');
  const auditOwn = createAuditor(app, 'calendars');

  async function namesOf(req: Request, ids: readonly (number | null)[]) {
    const known = await users.byIds(ids.filter((id) => id !== null));
    return (id: number | null): string =>
      id === null ? req.context.t('dnc:system') : (known.get(id)?.name ?? `#${id}`);
  }

  async function showList(req: Request, res: Response, form: FormState): Promise<void> {
    const { t } = req.context;
    const book = await calendars.now();
    const uses = await usesOf(book);
    const year = new Date(app.clock.now()).getUTCFullYear();
    const today = Math.floor(app.clock.now() / dayMs);
    const proposals = await store.proposed();
    const who = await namesOf(req, proposals.map(({ proposedBy }) => proposedBy)); // prettier-ignore
    const all = book.names.map((name) => book.get(name)!);
    page(req, res, 'calendars/list', {
      title: t('calendar:title'),
      nav: url,
      form,
      mayEdit: can(req, 'manager'),
      proposals: proposals.map(({ calendar, note, proposedBy, proposedAt }) => ({
        ...{ calendar, note, proposedAt, by: who(proposedBy) },
        words: nameWords(req, book.get(calendar)!),
      })),
      calendars: all.map((calendar) => {
        const next = [...calendar.daysOf(year), ...calendar.daysOf(year + 1)].find(({ day }) => day >= today);
        return {
          ...{ name: calendar.name, words: nameWords(req, calendar), own: calendar.title !== null },
          parent: calendar.parent === null ? '' : nameWords(req, book.get(calendar.parent)!),
          next: next && dayView(req, calendar, next),
          settled: calendar.isSettled(year) && calendar.isSettled(year + 1),
          unsettled: calendar.isSettled(year) ? year + 1 : year,
          ruleSets: uses(calendar.name).ruleSets,
        };
      }),
      parents: all.map((calendar) => ({ value: calendar.name, label: nameWords(req, calendar) })),
    });
  }

  router.get(url, guard(...readers), (req, res) => showList(req, res, formState({})));

  const ownBody = z.object({
    name: calendarName,
    title: z.string().trim().min(2).max(120),
    parent: z.string().max(40).default(''),
  });
  const making = validate({ body: ownBody }, { failed: showList });
  router.post(url, guard('manager'), making, async (req, res) => {
    const { name, title, parent } = making.of(req).body;
    const book = await calendars.now();
    const refuse = (errors: Record<string, string>) => {
      res.status(422);
      return showList(req, res, formState(req.body as object, errors));
    };
    if (book.get(name)) return refuse({ name: req.context.t('calendar:errors.taken') });
    if (parent !== '' && !book.get(parent)) return refuse({ parent: req.context.t('common:errors.choice') });
    const given = { name, title, parent: parent === '' ? null : parent };
    const id = await store.create(given, userOf(req).id, app.clock.now());
    await auditOwn(req, 'calendar.created', id, { after: given });
    flash(req, 'success', 'calendar:created', { name: title });
    redirect(req, res, `${url}/${name}`);
  });

  interface Shown {
    readonly form?: FormState;
    readonly looked?: {
      readonly edits: readonly DayEdit[];
      readonly refused: ReturnType<typeof readDays>['refused'];
    };
  }

  async function showYear(req: Request, res: Response, { form = formState({}), looked }: Shown = {}) {
    const { t } = req.context;
    const book = await calendars.now();
    const calendar = found(book.get(nameParams.parse(req.params).name));
    const year = yearQuery.parse(req.query).year ?? new Date(app.clock.now()).getUTCFullYear();
    const changes = await store.ofCalendar(calendar.name);
    const who = await namesOf(req, changes.flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy])); // prettier-ignore
    const { id: me } = userOf(req);
    const shown = changes.map((change) => ({
      ...changeView(req, calendar, change, who),
      mayApprove: can(req, 'manager') && change.proposedBy !== me,
      own: change.proposedBy === me,
    }));
    page(req, res, 'calendars/year', {
      title: nameWords(req, calendar),
      nav: url,
      styles: ['calendars'],
      script: 'calendar-year',
      form,
      calendar: { name: calendar.name },
      parent: calendar.parent === null ? null : { name: calendar.parent, words: nameWords(req, book.get(calendar.parent)!) }, // prettier-ignore
      ...{ year, before: year - 1, after: year + 1, settled: calendar.isSettled(year) },
      months: yearView(req, calendar, year),
      days: calendar.daysOf(year).map((one) => dayView(req, calendar, one)),
      lunar: /^(CN|TW|HK)/.test(calendar.name),
      ruleSets: (await usesOf(book))(calendar.name).ruleSets,
      mayEdit: can(req, 'manager'),
      looked: looked && {
        edits: looked.edits.map((edit) => editView(req, calendar.on(parseDay(edit.date)), edit)),
        refused: looked.refused.map(({ error, ...line }) => ({ ...line, words: t(error) })),
      },
      waiting: shown.filter(({ state }) => state === 'proposed'),
      history: shown.filter(({ state }) => state !== 'proposed'),
      kinds: dayKinds.map((value) => ({ value, label: t(`calendar:kinds.${value}`) })),
    });
  }

  const byName = validate({ params: nameParams });
  router.get(`${url}/:name`, guard(...readers), byName, (req, res) => showYear(req, res));

  /** Keeps what differs; says whether it holds or waits. Null: nothing differs. */
  async function keep(
    req: Request,
    book: CalendarBook,
    calendar: Calendar,
    days: readonly DayEdit[],
    note: string,
  ) {
    const real = realEdits(calendar, days);
    if (real.length === 0) return null;
    const { ruleSets, opensHolidays } = (await usesOf(book))(calendar.name);
    // What no law goes by lets nothing through.
    const loosens =
      ruleSets.length > 0 &&
      real.some((edit) => loosensDay(calendar.on(parseDay(edit.date)), edit, opensHolidays));
    const given = { calendar: calendar.name, days: real, loosens, note, by: userOf(req).id };
    const added = await store.add({ ...given, at: app.clock.now() });
    await audit(req, added.state === 'approved' ? 'calendar.changed' : 'calendar.proposed', added.id, {
      before: { days: real.map(({ date }) => lineOf(date, calendar.on(parseDay(date)))) },
      after: { calendar: calendar.name, days: real.map((edit) => lineOf(edit.date, edit)), note },
    });
    flash(req, 'success', added.state === 'approved' ? 'calendar:holds' : 'calendar:waits');
    return added;
  }

  const dayBody = z.object({
    date: z.iso.date('calendar:errors.date'),
    until: z.union([z.literal(''), z.iso.date('calendar:errors.date')]).default(''),
    kind: z.enum(dayKinds),
    name: line.min(1).max(80),
    ...{ opens: time, closes: time, note: changeNote },
  });
  const changing = validate(
    { params: nameParams, body: dayBody },
    { failed: (req, res, form) => showYear(req, res, { form }) },
  );
  router.post(`${url}/:name/days`, guard('manager'), changing, async (req, res) => {
    const { params, body } = changing.of(req);
    const { t } = req.context;
    const refuse = (errors: Record<string, string>) => {
      res.status(422);
      return showYear(req, res, { form: formState(req.body as object, errors) });
    };
    const first = parseDay(body.date);
    const last = body.until === '' ? first : parseDay(body.until);
    if (last < first || last - first >= longestRange) return refuse({ until: t('calendar:errors.range') });
    const half = body.kind === 'half-day';
    if (half && (body.opens === '' || body.closes === ''))
      return refuse({ opens: t('calendar:errors.open') });
    const open = half ? { open: [body.opens, body.closes] } : {};
    const days: DayEdit[] = [];
    for (let day = first; day <= last; day += 1) {
      const parsed = dayEdit.safeParse({ date: formatDay(day), kind: body.kind, name: body.name, ...open });
      if (!parsed.success) return refuse({ opens: t(parsed.error.issues[0]!.message) });
      days.push(parsed.data);
    }
    const book = await calendars.now();
    const calendar = found(book.get(params.name));
    if (!(await keep(req, book, calendar, days, body.note))) return refuse({ _: t('calendar:noChange') });
    redirect(req, res, `${url}/${params.name}?year=${body.date.slice(0, 4)}`);
  });

  const importBody = z.object({
    list: z.string().max(200_000),
    importNote: z.union([z.literal(''), changeNote]).default(''),
    step: z.enum(['look', 'save']),
  });
  const importing = validate(
    { params: nameParams, body: importBody },
    { failed: (req, res, form) => showYear(req, res, { form }) },
  );
  router.post(`${url}/:name/import`, guard('manager'), importing, async (req, res) => {
    const { params, body } = importing.of(req);
    const { t } = req.context;
    const book = await calendars.now();
    const calendar = found(book.get(params.name));
    const { days, refused } = readDays(body.list);
    const looked = { edits: realEdits(calendar, days), refused };
    const errors: Record<string, string> = {};
    if (days.length === 0) errors.list = t('calendar:errors.nothing');
    else if (body.step === 'save' && body.importNote === '') errors.importNote = t('calendar:errors.note');
    if (body.step === 'look' || Object.keys(errors).length > 0) {
      if (Object.keys(errors).length > 0) res.status(422);
      return showYear(req, res, { form: formState(req.body as object, errors), looked });
    }
    const kept = await keep(req, book, calendar, days, body.importNote);
    if (!kept) flash(req, 'info', 'calendar:noChange');
    redirect(req, res, `${url}/${params.name}?year=${days[0]!.date.slice(0, 4)}`);
  });

  const deciding = validate({ params: idParams, body: z.object({ reason: changeNote }) });
  for (const [verb, state, action] of [
    ['approve', 'approved', 'calendar.approved'],
    ['refuse', 'refused', 'calendar.refused'],
  ] as const)
    router.post(`${url}/changes/:id/${verb}`, guard('manager'), deciding, async (req, res) => {
      const { params, body } = deciding.of(req);
      const change = found(await store.get(params.id));
      const given = { by: userOf(req).id, at: app.clock.now(), note: body.reason };
      const outcome = await store.decide(change.id, state, given);
      if (outcome !== 'done') throw new HttpProblem(409, `calendar-${outcome}`);
      await audit(req, action, change.id, { after: { calendar: change.calendar, note: body.reason } });
      flash(req, 'success', `calendar:${state}`);
      redirect(req, res, `${url}/${change.calendar}?year=${change.days[0]!.date.slice(0, 4)}`);
    });

  return router;
}

/** A day for the audit, in a line. */
function lineOf(date: string, day: Pick<DayEdit, 'kind' | 'open'> | undefined): string {
  return [date, day?.kind ?? 'ordinary', day?.open?.join('-') ?? ''].filter(Boolean).join(' ');
}
