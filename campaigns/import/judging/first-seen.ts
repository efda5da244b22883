/** So full a table gets, and by so much it grows then: a look finds its place in a few steps beside each other. */
const load = 0.75;
const growth = 1.5;
const smallest = 1 << 12;
const words = 3;

/**
 * In which row a key stood first. Twelve bytes a place and no object for any: of a million rows sixteen to twenty-four
 * megabytes, which is all of a file that is kept in memory. Keys are two whole numbers below 2³².
 */
export class FirstSeen {
  #slots = new Int32Array(smallest * words);
  #places = smallest;
  #count = 0;

  get(high: number, low: number): number | undefined {
    return this.#slots[this.#slotOf(high, low) + 2] || undefined;
  }

  /** Keeps the first row a key was set with. Rows are numbers other than 0. */
  set(high: number, low: number, row: number): void {
    if (this.#count >= this.#places * load) this.#grow();
    const slot = this.#slotOf(high, low);
    if (this.#slots[slot + 2] !== 0) return;
    this.#slots[slot] = high | 0;
    this.#slots[slot + 1] = low | 0;
    this.#slots[slot + 2] = row;
    this.#count += 1;
  }

  #slotOf(high: number, low: number): number {
    const slots = this.#slots;
    const [one, two] = [high | 0, low | 0];
    let mixed = Math.imul(two ^ (two >>> 15), 0x9e3779b1) ^ Math.imul(one, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    let slot = Math.floor((((mixed ^ (mixed >>> 16)) >>> 0) / 4_294_967_296) * this.#places) * words;
    while (slots[slot + 2] !== 0 && (slots[slot] !== one || slots[slot + 1] !== two)) {
      slot += words;
      if (slot === slots.length) slot = 0;
    }
    return slot;
  }

  #grow(): void {
    const before = this.#slots;
    this.#places = Math.ceil(this.#places * growth);
    this.#slots = new Int32Array(this.#places * words);
    this.#count = 0;
    for (let slot = 0; slot < before.length; slot += words)
      if (before[slot + 2] !== 0) this.set(before[slot]!, before[slot + 1]!, before[slot + 2]!);
  }
}

/** A number of up to fifteen digits as a key. */
export function keyOfDigits(digits: number): [number, number] {
  return [Math.floor(digits / 4_294_967_296), digits % 4_294_967_296];
}

/** A hash of 64 bits: that two ids of a file share it happens to nobody. */
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
  return (Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909)) >>> 0;
}
