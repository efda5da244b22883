import { customerLine, type CustomerFields, type CustomerPhone } from '../../../crm/index.ts';
import type { ConsentKind } from '../../compliance/consents/consent.ts';
import type { ReadRow } from '../read-row.ts';
import type { Bar } from './callable.ts';
import type { BadRow, GoodRow, JudgedBatch, JudgedRow } from './judge-file.ts';

/**
 * A batch on its way from the thread that reads to the one that writes. What each row is decided by goes as one JSON;
 * what is needed of a few alone, cells and all fields, as texts that nobody takes apart before: making objects of them
 * all was a third of the writer's work.
 */
export interface PackedBatch {
  readonly rows: string;
  /** One line a row, each a JSON, which has no line breaks. */
  readonly cells: string;
  /** The same of good rows. */
  readonly fields: string;
  /** Good rows as `customers` is loaded from them; null where nobody loads. */
  readonly lines: string | null;
  readonly share: number;
}

type PackedGood = [
  number: number,
  bar: Bar,
  name: string,
  externalId: string | null,
  phones: readonly CustomerPhone[],
  tags: readonly string[],
  note: string | null,
  consents: readonly ConsentKind[],
  unread: readonly string[],
];
type PackedBad = [number: number, verdict: BadRow['verdict'], reason: BadRow['reason'], detail: string];

export function packBatch({ rows, share }: JudgedBatch, withLines: boolean): PackedBatch {
  const good = rows.filter((row): row is GoodRow => row.row !== null);
  return {
    rows: JSON.stringify(rows.map((row): PackedGood | PackedBad => (row.row ? packGood(row) : packBad(row)))),
    cells: rows.map(({ cells }) => JSON.stringify(cells)).join('\n'),
    fields: good.map(({ row }) => JSON.stringify(row.fields)).join('\n'),
    lines: withLines ? good.map(({ row }) => customerLine(row.fields)).join('\n') : null,
    share,
  };
}

function packGood({ number, bar, row }: GoodRow): PackedGood {
  const { name, externalId, phones, tags } = row.fields;
  return [number, bar, name, externalId, phones, tags, row.note, row.consents, row.unread];
}

const packBad = ({ number, verdict, reason, detail }: BadRow): PackedBad => [number, verdict, reason, detail];

export function unpackBatch(packed: PackedBatch): JudgedBatch {
  const cells = new Lines(packed.cells);
  const fields = new Lines(packed.fields);
  const lines = packed.lines === null ? null : new Lines(packed.lines);
  let good = 0;
  const rows = (JSON.parse(packed.rows) as (PackedGood | PackedBad)[]).map((row, at): JudgedRow =>
    isGood(row)
      ? new UnpackedGood(row, cells, at, new UnpackedFields(row, fields, lines, good++))
      : new UnpackedBad(row, cells, at),
  );
  return { rows, share: packed.share };
}

const isGood = (row: PackedGood | PackedBad): row is PackedGood => row.length > 4;

class Lines {
  readonly #text: string;
  #lines: string[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  at(index: number): string {
    this.#lines ??= this.#text.split('\n');
    return this.#lines[index]!;
  }
}

class UnpackedFields implements ReadRow {
  readonly key: ReadRow['key'];
  readonly note: string | null;
  readonly consents: readonly ConsentKind[];
  readonly unread: readonly string[];
  readonly #fields: Lines;
  readonly #lines: Lines | null;
  readonly #at: number;

  constructor(
    [, , name, externalId, phones, tags, note, consents, unread]: PackedGood,
    fields: Lines,
    lines: Lines | null,
    at: number,
  ) {
    this.key = { name, externalId, phones, tags };
    this.note = note;
    this.consents = consents;
    this.unread = unread;
    this.#fields = fields;
    this.#lines = lines;
    this.#at = at;
  }

  get fields(): CustomerFields {
    return JSON.parse(this.#fields.at(this.#at)) as CustomerFields;
  }

  get line(): string | null {
    return this.#lines?.at(this.#at) ?? null;
  }
}

class UnpackedGood implements GoodRow {
  readonly number: number;
  readonly bar: Bar;
  readonly row: ReadRow;
  readonly #cells: Lines;
  readonly #at: number;

  constructor([number, bar]: PackedGood, cells: Lines, at: number, row: ReadRow) {
    this.number = number;
    this.bar = bar;
    this.row = row;
    this.#cells = cells;
    this.#at = at;
  }

  get cells(): readonly string[] {
    return JSON.parse(this.#cells.at(this.#at)) as string[];
  }
}

class UnpackedBad implements BadRow {
  readonly number: number;
  readonly row = null;
  readonly verdict: BadRow['verdict'];
  readonly reason: BadRow['reason'];
  readonly detail: string;
  readonly #cells: Lines;
  readonly #at: number;

  constructor([number, verdict, reason, detail]: PackedBad, cells: Lines, at: number) {
    this.number = number;
    this.verdict = verdict;
    this.reason = reason;
    this.detail = detail;
    this.#cells = cells;
    this.#at = at;
  }

  get cells(): readonly string[] {
    return JSON.parse(this.#cells.at(this.#at)) as string[];
  }
}
