import assert from 'node:assert/strict';
import express from 'express';
import { after, before, describe, it } from 'mocha';
import supertest from 'supertest';
import { z } from 'zod';
import {
  countUpTo,
  createList,
  csvCell,
  cursorAfter,
  likePattern,
  partOf,
  type ListRequest,
} from '../../../core/http/index.ts';
import { parseListQuery } from '../../../core/http/list-query.ts';
import type { RequestContext } from '../../../core/http/context.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const spec = {
  columns: ['name', 'calls', 'secret'],
  sortable: ['name', 'calls'],
  shown: ['name', 'calls'],
  sort: { column: 'name', direction: 'asc' as const },
  filters: z.object({ q: z.string().optional(), since: z.coerce.number().int().optional() }),
};

const parse = (query: Record<string, string | string[]>) =>
  parseListQuery({ query, context: { t: (key: string) => key } } as never, spec);

describe('a list’s address', () => {
  it('has defaults for everything', () => {
    assert.deepEqual(parse({}), {
      sort: 'name',
      direction: 'asc',
      page: 1,
      pageSize: 50,
      columns: ['name', 'calls'],
      filters: {},
      format: 'page',
    });
  });

  it('fault: a parameter stands in it twice – it counts as absent', () => {
    const twice = ['name', 'calls'];
    const { q, since } = parse({ sort: twice, columns: twice, page: ['2', '3'], size: ['25', '100'], format: ['csv', 'csv'] }).filters; // prettier-ignore
    assert.deepEqual([q, since], [undefined, undefined]);
    assert.deepEqual(parse({ sort: twice, columns: twice }), parse({}));
  });

  it('says order, page, size, columns and filters; empty filters count as absent', () => {
    const query = parse({
      sort: '-calls',
      page: '3',
      size: '100',
      columns: 'secret,name',
      q: '',
      since: '5',
    });
    assert.deepEqual(query, {
      sort: 'calls',
      direction: 'desc',
      page: 3,
      pageSize: 100,
      columns: ['name', 'secret'],
      filters: { since: 5 },
      format: 'page',
    });
  });

  it('cannot order by a column that is not for that, nor ask for a page of a million rows', () => {
    const query = parse({
      sort: 'secret; drop table users',
      size: '1000000',
      page: '-4',
      columns: 'password',
    });
    assert.deepEqual([query.sort, query.pageSize, query.page], ['name', 50, 1]);
    assert.deepEqual(query.columns, ['name', 'calls']);
  });

  it('with a filter that makes no sense is refused', () => {
    assert.throws(() => parse({ since: 'yesterday' }), { status: 400, code: 'invalid-query' });
  });
});

describe('a CSV cell', () => {
  it('is never run by a spreadsheet as a formula', () => {
    for (const text of ['=1+1', '+cmd|calc', '-2+3+cmd', '@SUM(A1)', '\t=1'])
      assert.match(csvCell(text).replace(/^"/, ''), /^'/, text);
  });

  it('leaves numbers and phone numbers alone', () => {
    for (const text of ['-12.5', '+14155550123', '+86 138 0013 8000', '12:30'])
      assert.equal(csvCell(text), text);
  });

  it('is quoted where it has to be', () => {
    assert.equal(csvCell('a "b", c\nd'), '"a ""b"", c\nd"');
    assert.equal(csvCell('x;=1+1'), '"x;=1+1"');
    assert.equal(csvCell(null), '');
    assert.equal(csvCell(0), '0');
  });
});

describe('a list', () => {
  interface Row {
    n: number;
  }
  const list = createList<Row, z.ZodObject>({
    file: 'numbers',
    exported: null,
    columns: [{ key: 'n', labelKey: 'n', value: (row) => row.n, format: 'number', sortable: true }],
    sort: { column: 'n', direction: 'asc' },
    filters: z.object({}),
    empty: { titleKey: 'none', textKey: 'none' },
  });

  it('fault: the audit cannot be written – no CSV of people leaves', async () => {
    const people = createList<Row, z.ZodObject>({
      file: 'people',
      exported: 'people.exported',
      columns: [{ key: 'n', labelKey: 'n', value: (row) => row.n }],
      sort: { column: 'n', direction: 'asc' },
      filters: z.object({}),
      empty: { titleKey: 'none', textKey: 'none' },
    });
    const web = express();
    const record = () => Promise.reject(new Error('the database is gone'));
    let asked = 0;
    web.get('/', (req, res) => {
      req.context = { t: (key: string) => key, record } as unknown as RequestContext;
      return people.respond(req, res, 'unused', async () => {
        asked += 1;
        return { rows: [{ n: 1 }], total: { count: 1, more: false } };
      });
    });
    web.use(((_error, _req, res, _next) => void res.status(503).end()) satisfies express.ErrorRequestHandler);
    assert.equal((await supertest(web).get('/?format=csv')).status, 503);
    assert.equal(asked, 0);
  });

  it('writes all rows to CSV in batches, however many there are', async () => {
    const asked: [number, number][] = [];
    const web = express();
    web.get('/', (req, res) => {
      req.context = { t: (key: string) => key } as RequestContext;
      return list.respond(req, res, 'unused', async ({ limit, offset }: ListRequest<unknown>) => {
        asked.push([offset, limit]);
        const rows = Array.from({ length: Math.min(limit, 2_500 - offset) }, (_, i) => ({ n: offset + i }));
        return { rows, total: { count: 2_500, more: false } };
      });
    });
    const { text } = await supertest(web).get('/?format=csv');
    const lines = text.trim().split('\r\n');
    assert.equal(lines.length, 2_501);
    assert.equal(lines.at(-1), '2499');
    assert.deepEqual(asked, [
      [0, 1_000],
      [1_000, 1_000],
      [2_000, 1_000],
    ]);
  });
});

describe('a CSV of a list that is worked on', () => {
  let app: TestApp;
  const list = createList<{ key: string }, z.ZodObject>({
    file: 'keys',
    exported: null,
    columns: [{ key: 'key', labelKey: 'key', value: (row) => row.key, sortable: true }],
    sort: { column: 'key', direction: 'asc' },
    filters: z.object({}),
    csvRows: 3_000,
    empty: { titleKey: 'none', textKey: 'none' },
  });
  before(async () => {
    app = await testApp();
  });
  after(() => app.close());
  const fill = (count: number) =>
    app.db.insertMany('rate_limits', Array.from({ length: count }, (_, i) => row(i))); // prettier-ignore
  const row = (i: number) => ({ key: `k${String(i).padStart(5, '0')}`, hits: i % 7, reset_at: 1 });

  async function lines(meanwhile: (batch: number) => Promise<unknown> = () => Promise.resolve()) {
    const web = express();
    let batch = 0;
    web.get('/', (req, res) => {
      req.context = { t: (key: string) => key } as RequestContext;
      return list.respond(req, res, 'unused', async (request: ListRequest<unknown>) => {
        const order = [{ column: 'hits', direction: 'desc' }, { column: 'key', direction: 'asc' }] as const; // prettier-ignore
        const rows: { key: string; hits: number }[] = await partOf(
          app.db.knex('rate_limits'),
          order,
          request,
        );
        await meanwhile(++batch);
        const next = cursorAfter(rows, request, ({ hits, key }) => [hits, key]);
        return { rows, total: { count: 0, more: false }, next };
      });
    });
    return (await supertest(web).get('/?format=csv')).text.trim().split('\r\n').slice(1);
  }

  it('fault: rows go and come between two batches – none of the others is missing or double', async () => {
    await app.db.knex('rate_limits').delete();
    await fill(2_500);
    const before = await lines();
    assert.deepEqual([before.length, new Set(before).size], [2_500, 2_500]);
    const gone = before.slice(0, 100);
    const during = await lines(async (batch) => {
      if (batch === 1) await app.db.knex('rate_limits').whereIn('key', gone).delete();
      if (batch === 2) await app.db.insertMany('rate_limits', [{ ...row(9_999), hits: 6 }]);
    });
    assert.deepEqual(during, before);
  });

  it('says in its last line when there are more rows than it takes', async () => {
    await app.db.knex('rate_limits').delete();
    await fill(3_000);
    assert.match((await lines()).at(-1)!, /^k/);
    await app.db.insertMany('rate_limits', [row(3_000)]);
    const cut = await lines();
    assert.deepEqual([cut.length, cut.at(-1)], [3_001, 'common:list.csvCut']);
  });
});

describe('counting for a list', () => {
  let app: TestApp;
  before(async () => {
    app = await testApp();
    const rows = Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, hits: i, reset_at: i % 3 }));
    await app.db.insertMany('rate_limits', rows);
  });
  after(() => app.close());

  it('is exact up to a cap, and stops there', async () => {
    const query = app.db.knex('rate_limits').where('reset_at', 1).orderBy('key');
    assert.deepEqual(await countUpTo(app.db, query), { count: 10, more: false });
    assert.deepEqual(await countUpTo(app.db, query, 10), { count: 10, more: false });
    assert.deepEqual(await countUpTo(app.db, query, 9), { count: 9, more: true });
  });

  it('takes wildcards in what was typed as plain characters', () => {
    assert.equal(likePattern('50%_!'), '%50!%!_!!%');
  });
});
