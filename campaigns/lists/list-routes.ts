import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import {
  can,
  createAuditor,
  createList,
  cursorAfter,
  flash,
  formState,
  found,
  guard,
  idParams,
  redirect,
  validate,
  type FormState,
} from '../../core/http/index.ts';
import { line } from '../../core/text/index.ts';
import { createCustomerStore, regionName } from '../../crm/index.ts';
import { createImportStore } from '../import/import-store.ts';
import { importBadges } from '../import/import-view.ts';
import { sumOf, type ImportCounts } from '../import/verdict.ts';
import { createListRenamed } from '../leads/list-renamed.ts';
import { memberList } from './list-members.ts';
import { createListStore } from './list-store.ts';
import type { List } from './list.ts';

const nameBody = z.object({
  name: line.min(1).max(120),
  description: z.string().trim().max(255).default(''),
  revision: z.coerce.number().int().min(0).default(0),
});
const filters = z.object({ q: z.string().max(100).optional(), archived: z.enum(['yes']).optional() });

const list = createList<List & { country: string }, typeof filters>({
  file: 'lists',
  exported: null,
  columns: [
    {
      key: 'name',
      labelKey: 'campaigns:lists.name',
      value: (row) => row.name,
      sortable: true,
      href: (row) => `/lists/${row.id}`,
    },
    {
      key: 'size',
      labelKey: 'campaigns:lists.customers',
      value: (row) => row.size,
      format: 'number',
      sortable: true,
    },
    { key: 'country', labelKey: 'campaigns:fields.country', value: (row) => row.country },
    { key: 'description', labelKey: 'campaigns:lists.description', value: (row) => row.description },
    {
      key: 'createdAt',
      labelKey: 'campaigns:fields.createdAt',
      value: (row) => row.createdAt,
      format: 'date',
      sortable: true,
    },
  ],
  sort: { column: 'createdAt', direction: 'desc' },
  filters,
  empty: {
    titleKey: 'campaigns:lists.empty',
    textKey: 'campaigns:lists.emptyText',
    action: { href: '/imports/new', labelKey: 'campaigns:import.start', roles: ['marketing', 'manager'] },
  },
});

export function listRoutes(app: App): Router {
  const router = Router();
  const store = createListStore(app);
  const imports = createImportStore(app);
  const customers = createCustomerStore(app);
  const audit = createAuditor(app, 'lists');
  const auditCampaign = createAuditor(app, 'campaigns');
  const renameList = createListRenamed(app);
  router.use('/lists', guard('supervisor', 'marketing', 'manager'));
  const editors = guard('marketing', 'manager');
  const look = { nav: '/lists', script: 'campaigns', styles: ['crm', 'campaigns'] };

  router.get('/lists', (req, res) =>
    list.respond(
      req,
      res,
      'campaigns/lists',
      async ({ filters: { q, archived }, sort, direction, limit, offset }) => {
        const order = { sort: sort as 'name' | 'size' | 'createdAt', direction, limit, offset };
        const { rows, total } = await store.page({ search: q, archived: archived === 'yes' }, order);
        return {
          total,
          rows: rows.map((row) => ({ ...row, country: regionName(row.defaultCountry, req.context.locale) })),
        };
      },
      {
        ...look,
        title: req.context.t('campaigns:lists.title'),
        mayEdit: can(req, 'marketing', 'manager'),
        choices: { archived: [{ value: 'yes', label: req.context.t('campaigns:list.archived') }] },
      },
    ),
  );

  const byId = validate({ params: idParams });
  router.get('/lists/:id', byId, (req, res) => showOne(req, res, byId.of(req).params.id));

  async function showOne(
    req: Request,
    res: Response,
    id: number,
    form?: FormState,
    extra: object = {},
  ): Promise<void> {
    const item = found(await store.get(id));
    const { t, locale } = req.context;
    const history = await imports.recent(20, item.id);
    const data = {
      ...look,
      title: item.name,
      item,
      country: regionName(item.defaultCountry, locale),
      form:
        form ?? formState({ name: item.name, description: item.description ?? '', revision: item.revision }),
      campaigns: (await store.campaignsOf(item.id)).map((campaign) => ({
        ...campaign,
        word: t(`campaigns:states.${campaign.state}`),
      })),
      imports: history.map((one) => ({
        ...one,
        badge: importBadges[one.state],
        word: t(`campaigns:importStates.${one.state}`),
        counts: countsOf(one.committed ?? one.checked),
      })),
      mayEdit: can(req, 'marketing', 'manager'),
      ...extra,
    };
    await memberList.respond(
      req,
      res,
      'campaigns/list',
      async (part) => {
        const ids = await store.members(item.id, part);
        const members = await customers.getMany(ids);
        return {
          next: cursorAfter(ids, part, (id) => [id]),
          rows: members.map((customer) => ({ customer })),
          total: { count: item.size, more: false },
        };
      },
      data,
      { of: { entity: 'lists', entityId: item.id } },
    );
  }

  const rename = validate(
    { params: idParams, body: nameBody },
    { failed: (req, res, form) => showOne(req, res, Number(req.params.id), form) },
  );
  router.post('/lists/:id', editors, rename, async (req, res) => {
    const { params, body } = rename.of(req);
    const before = found(await store.get(params.id));
    const { revision, ...typed } = body;
    const followed = await renameList(params.id, revision, { name: body.name, description: body.description || null }); // prettier-ignore
    if (followed === null) {
      const theirs = found(await store.get(params.id));
      const form = formState({ ...typed, revision: theirs.revision });
      res.status(409);
      return showOne(req, res, params.id, form, { conflict: true });
    }
    await audit(req, 'list.changed', params.id, {
      before: { name: before.name, description: before.description },
      after: typed,
    });
    flash(req, 'success', 'campaigns:lists.saved', { name: body.name });
    for (const { campaignId, quota, before: was, after: is } of followed)
      if (quota === null)
        await auditCampaign(req, 'campaign.changed', campaignId, {
          before: { leadFilter: was },
          after: { leadFilter: is },
        });
      else
        await auditCampaign(req, 'campaign.quota-changed', campaignId, {
          before: { name: quota, who: was },
          after: { name: quota, who: is },
        });
    const filters = followed.filter(({ quota }) => quota === null).length;
    if (filters > 0) flash(req, 'info', 'campaigns:lists.filtersFollow', { count: filters });
    redirect(req, res, `/lists/${params.id}`);
  });

  const archive = validate({ params: idParams, body: z.object({ archived: z.enum(['yes', 'no']) }) });
  router.post('/lists/:id/archive', editors, archive, async (req, res) => {
    const { params, body } = archive.of(req);
    const item = found(await store.get(params.id));
    const archived = body.archived === 'yes';
    await store.archive(params.id, archived, app.clock.now());
    await audit(req, archived ? 'list.archived' : 'list.restored', params.id);
    flash(req, 'success', archived ? 'campaigns:archived' : 'campaigns:restored', { name: item.name });
    redirect(req, res, '/lists');
  });

  return router;
}

/** What became of a file, in three figures. */
const countsOf = (counts: ImportCounts | null) =>
  counts && {
    created: counts.created,
    known: counts.taken - counts.created,
    notTaken: counts.total - counts.taken,
    refused: sumOf(counts, ['refused']),
  };
