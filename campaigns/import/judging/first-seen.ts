/** Half of the slots stay free, so that a look finds its place in a step or two. */
const load = 0.5;
const smallest = 1 << 12;

/**
 * In which row a key stood first. Sixteen bytes a key and no object for any, so that a file of a million rows takes as
 * much room as a few pictures. Keys are two doubles; `0, 0` is none.
 */
export class FirstSeen {
  #high = new Float64Array(smallest);
  #low = new Float64Array(smallest);
  #rows = new Int32Array(smallest);
  #count = 0;

  get(high: number, low: number): number | undefined {
    const slot = this.#slotOf(high, low);
    return this.#rows[slot] === 0 ? undefined : this.#rows[slot];
  }

  /** Keeps the first row a key was set with. Rows are numbers other than 0. */
  set(high: number, low: number, row: number): void {
    if (this.#count >= this.#rows.length * load) this.#grow();
    const slot = this.#slotOf(high, low);
    if (this.#rows[slot] !== 0) return;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#rows[slot] = row;
    this.#count += 1;
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#rows.length - 1;
    let slot = (Math.imul(low % 4_294_967_296 | 0, 0x9e3779b1) ^ Math.imul(high % 4_294_967_296 | 0, 0x85ebca6b)) & mask; // prettier-ignore
    while (this.#rows[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [high, low, rows] = [this.#high, this.#low, this.#rows];
    this.#high = new Float64Array(rows.length * 2);
    this.#low = new Float64Array(rows.length * 2);
    this.#rows = new Int32Array(rows.length * 2);
    this.#count = 0;
    for (let slot = 0; slot < rows.length; slot++)
      if (rows[slot] !== 0) this.set(high[slot]!, low[slot]!, rows[slot]!);
  }
}

/** Two independent hashes of 53 bits: that two ids of a file share both happens to nobody. */
export function hashOf(text: string): [number, number] {
  let [a, b, c, d] = [0xdeadbeef, 0x41c6ce57, 0x243f6a88, 0x85a308d3];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
    c = Math.imul(c ^ code, 2246822519);
    d = Math.imul(d ^ code, 3266489917);
  }
  return [joined(a, b), joined(c, d)];
}

function joined(a: number, b: number): number {
  const one = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  const two = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return 4_294_967_296 * (2_097_151 & two) + (one >>> 0) + 1;
}
