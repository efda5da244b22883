/** How many neighbouring numbers share a page. */
export const pageSpan = 65_536;

export interface NumberPage {
  /** The number without its plus, divided by `pageSpan`. */
  readonly head: number;
  /** What remains of each number, ascending. */
  readonly tails: Uint16Array;
  /** A day beside each, since 2000-01-01; null where the list knows none. */
  readonly days: Uint16Array | null;
}

/** Digits of an E.164 number as a whole number: 15 digits are exact. */
export function toNumeric(e164: string): number {
  return Number(e164.slice(1));
}

export function headOf(numeric: number): number {
  return Math.floor(numeric / pageSpan);
}

/** Where in a page a tail is, -1 when it is not. */
export function indexIn(tails: Uint16Array, tail: number, from = 0, until = tails.length): number {
  let low = from;
  let high = until - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = tails[middle] as number;
    if (found === tail) return middle;
    if (found < tail) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * A list of numbers in memory, two bytes each: 10 million take 20 MB, and are looked up by two binary searches. It
 * cannot be changed; a new revision of the list is a new table.
 */
export class NumberTable {
  readonly #heads: Float64Array;
  readonly #starts: Uint32Array;
  readonly #tails: Uint16Array;
  readonly #days: Uint16Array | null;

  /** Pages in the order of their heads. */
  constructor(pages: readonly NumberPage[]) {
    const size = pages.reduce((sum, { tails }) => sum + tails.length, 0);
    this.#heads = new Float64Array(pages.length);
    this.#starts = new Uint32Array(pages.length + 1);
    this.#tails = new Uint16Array(size);
    this.#days = pages.some(({ days }) => days !== null) ? new Uint16Array(size) : null;
    let at = 0;
    for (const [index, page] of pages.entries()) {
      this.#heads[index] = page.head;
      this.#starts[index] = at;
      this.#tails.set(page.tails, at);
      if (page.days) this.#days?.set(page.days, at);
      at += page.tails.length;
    }
    this.#starts[pages.length] = at;
  }

  get size(): number {
    return this.#tails.length;
  }

  get bytes(): number {
    const { byteLength } = this.#tails;
    return byteLength + (this.#days?.byteLength ?? 0) + this.#heads.byteLength + this.#starts.byteLength;
  }

  has(numeric: number): boolean {
    return this.#find(numeric) >= 0;
  }

  /** The day beside a number; 0 where the list knows none; null when the number is not in it. */
  dayOf(numeric: number): number | null {
    const index = this.#find(numeric);
    return index < 0 ? null : (this.#days?.[index] ?? 0);
  }

  #find(numeric: number): number {
    const head = headOf(numeric);
    let low = 0;
    let high = this.#heads.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.#heads[middle] as number;
      if (found === head)
        return indexIn(
          this.#tails,
          numeric - head * pageSpan,
          this.#starts[middle],
          this.#starts[middle + 1],
        );
      if (found < head) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** Collects numbers in any order, some of them twice, and hands them out as pages. */
export class PageBuilder {
  readonly #buckets = new Map<number, { tails: number[]; days: number[] }>();
  readonly #withDays: boolean;

  constructor({ withDays = false } = {}) {
    this.#withDays = withDays;
  }

  add(numeric: number, day = 0): void {
    const head = headOf(numeric);
    let bucket = this.#buckets.get(head);
    if (!bucket) this.#buckets.set(head, (bucket = { tails: [], days: [] }));
    bucket.tails.push(numeric - head * pageSpan);
    if (this.#withDays) bucket.days.push(day);
  }

  heads(): number[] {
    return [...this.#buckets.keys()].sort((a, b) => a - b);
  }

  /** Ascending and without doubles; of two days for one number the later stays. */
  page(head: number): NumberPage {
    const bucket = this.#buckets.get(head) ?? { tails: [], days: [] };
    if (!this.#withDays) return { head, tails: uniqueTails(bucket.tails), days: null };
    const latest = new Map<number, number>();
    for (const [index, tail] of bucket.tails.entries())
      latest.set(tail, Math.max(latest.get(tail) ?? 0, bucket.days[index] as number));
    const tails = Uint16Array.from(latest.keys()).sort();
    return { head, tails, days: tails.map((tail) => latest.get(tail) as number) };
  }
}

function uniqueTails(tails: readonly number[]): Uint16Array {
  const sorted = Uint16Array.from(tails).sort();
  let kept = 0;
  for (let index = 0; index < sorted.length; index += 1)
    if (index === 0 || sorted[index] !== sorted[kept - 1]) sorted[kept++] = sorted[index] as number;
  return sorted.slice(0, kept);
}

/** What is in `page` or `more`, and not in `less`. */
export function mergePages(page: NumberPage | null, more: NumberPage, less: NumberPage): NumberPage {
  const days = new Map<number, number>();
  const take = ({ tails, days: given }: NumberPage): void =>
    tails.forEach((tail, index) => days.set(tail, Math.max(days.get(tail) ?? 0, given?.[index] ?? 0)));
  if (page) take(page);
  take(more);
  for (const tail of less.tails) days.delete(tail);
  const tails = Uint16Array.from(days.keys()).sort();
  const withDays = page?.days != null || more.days !== null;
  return { head: more.head, tails, days: withDays ? tails.map((tail) => days.get(tail) as number) : null };
}

/** How many tails are in both, each of them ascending and without doubles. */
export function sharedTails(tails: Uint16Array, others: Uint16Array | undefined): number {
  let shared = 0;
  for (let [a, b] = [0, 0]; others && a < tails.length && b < others.length;) {
    const [one, other] = [tails[a]!, others[b]!];
    if (one === other) shared += 1;
    if (one <= other) a += 1;
    if (other <= one) b += 1;
  }
  return shared;
}

/** Little-endian on every machine that Node runs on here; as the database keeps it. */
export function toBytes(values: Uint16Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

export function fromBytes(bytes: Uint8Array): Uint16Array {
  const copy = new Uint8Array(bytes);
  return new Uint16Array(copy.buffer, 0, copy.byteLength >> 1);
}
