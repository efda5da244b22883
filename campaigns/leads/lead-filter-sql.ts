import type { Knex } from 'knex';
import { likePattern } from '../../core/http/count.ts';
import type { Engine } from '../../core/database/database.ts';
import { foldedSql, numberSql, type SqlValue as Value } from '../../core/database/expressions.ts';
import { regionSpellings } from '../../crm/index.ts';
import { isNumeric, type FilterCondition, type LeadFilter } from './lead-filter.ts';

const columns = {
  name: 'name',
  company: 'company',
  email: 'email',
  language: 'language',
  addressRegion: 'address_region',
  externalId: 'external_id',
} as const;

/** Narrows a query or update of `leads` to those that meet the filter, or to those that do not. */
export function whereMatches(
  query: Knex.QueryBuilder,
  filter: LeadFilter,
  { engine, not = false }: { engine: Engine; not?: boolean },
): void {
  const meets = (group: Knex.QueryBuilder) => {
    for (const condition of filter.conditions) {
      const one = (its: Knex.QueryBuilder) => void whereMeets(its, condition, engine);
      void (filter.meet === 'any' ? group.orWhere(one) : group.where(one));
    }
  };
  if (filter.conditions.length === 0) return void (not && query.whereRaw('1 = 0'));
  void (not ? query.whereNot(meets) : query.where(meets));
}

/** Of several tags or numbers one is enough, and a negation wants none of them. */
function whereMeets(query: Knex.QueryBuilder, condition: FilterCondition, engine: Engine): void {
  const { operator } = condition;
  const negative = operator === 'is-not' || operator === 'empty';
  const { sql, bindings } = exists(condition, engine);
  void query.whereRaw(negative ? `not (${sql})` : sql, bindings);
}

function exists({ field, operator, values }: FilterCondition, engine: Engine): Value {
  const meets = (value: Value): Value => predicate(value, operator, values, engine);
  const from = (table: string, on: string, value: Value): Value => {
    const { sql, bindings } = meets(value);
    return { sql: `exists (select 1 from ${table} where ${on} and ${sql})`, bindings };
  };
  const plain = (sql: string): Value => ({ sql, bindings: [] });
  if (field === 'attempts') return meets(plain('cast(leads.attempts as char(10))'));
  if (field === 'tag')
    return from('customer_tags', 'customer_tags.customer_id = leads.customer_id', plain('customer_tags.tag'));
  if (field === 'phone')
    return from('customer_phones', 'customer_phones.customer_id = leads.customer_id', plain('customer_phones.e164')); // prettier-ignore
  if (field === 'list') return from('lists', 'lists.id = leads.list_id', plain('lists.name'));
  if (field === 'addressRegion' || field === 'addressCountry') return regionExists(operator, values, engine);
  const ofCustomer = (value: Value) => from('customers', 'customers.id = leads.customer_id', value);
  if (field in columns) return ofCustomer(plain(`customers.${columns[field as keyof typeof columns]}`));
  const path = `$.${JSON.stringify(field.slice('custom.'.length))}`;
  const sql =
    engine === 'sqlite'
      ? 'json_extract(customers.custom, ?)'
      : 'json_unquote(json_extract(customers.custom, ?))';
  return ofCustomer({ sql, bindings: [path] });
}

/** Who is in a region is in a place of it too, however that was kept. */
function regionExists(
  operator: FilterCondition['operator'],
  given: readonly string[],
  engine: Engine,
): Value {
  const column = { sql: 'customers.address_region', bindings: [] };
  const values = given.flatMap(regionSpellings);
  const parts = [predicate(column, operator, values, engine)];
  if (operator === 'is' || operator === 'is-not') {
    const within = values.map((value) => `${value}-`);
    parts.push(predicate(column, 'begins', within, engine));
  }
  return {
    sql: `exists (select 1 from customers where customers.id = leads.customer_id and (${parts.map(({ sql }) => sql).join(' or ')}))`,
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}

function predicate(
  value: Value,
  operator: FilterCondition['operator'],
  values: readonly string[],
  engine: Engine,
): Value {
  const fold = (sql: string) => foldedSql(engine, sql);
  const all = (sql: string, more: readonly (string | number)[] = []): Value => ({
    sql,
    bindings: [...value.bindings, ...more],
  });
  if (isNumeric(operator)) {
    const number = numberSql(engine, value);
    const sql = `${number.sql} ${operator === 'at-least' ? '>=' : '<='} ?`;
    return { sql, bindings: [...number.bindings, Number(values[0])] };
  }
  if (operator === 'empty' || operator === 'not-empty') return all(`${value.sql} <> ''`);
  // What is wanted is folded by the database too: it and JavaScript disagree on some letters.
  if (operator === 'is' || operator === 'is-not')
    return all(`${fold(value.sql)} in (${values.map(() => fold('?')).join(', ')})`, values);
  const patterns = values.map((one) => {
    const pattern = likePattern(one);
    return operator === 'begins' ? pattern.replace(/^%/, '') : pattern;
  });
  const sql = patterns.map(() => `${fold(value.sql)} like ${fold('?')} escape '!'`).join(' or ');
  return {
    sql: `(${sql})`,
    bindings: patterns.flatMap((pattern) => [...value.bindings, pattern]),
  };
}
