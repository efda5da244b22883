/** More numbers than one person's, or one barred range at the head of a list. */
const inARow = 3;
/** Bounds the memory; the eldest is forgotten. */
const mostNumbers = 5_000;

/**
 * Calls that a trunk refused at once and without a reason: "forbidden" may mean our login, what our account may call, or
 * this one number. Several numbers in a row with nothing carried between them speak against the trunk; a number that is
 * refused again after the trunk has carried others is at fault itself.
 */
export class Doubts {
  #carried = 0;
  /** How many calls had been carried when a number was refused first. */
  readonly #refused = new Map<string, number>();
  readonly #inARow = new Set<string>();

  carried(): void {
    this.#carried += 1;
    this.#inARow.clear();
  }

  /** Whether the refusal of this number is the number's own. */
  isNumbers(e164: string): boolean {
    const before = this.#refused.get(e164);
    if (before !== undefined && this.#carried > before) return true;
    if (before === undefined) this.#note(e164);
    return false;
  }

  /** One more that was refused in a row. */
  add(e164: string): void {
    if (!this.pointAtTrunk) this.#inARow.add(e164);
  }

  get pointAtTrunk(): boolean {
    return this.#inARow.size >= inARow;
  }

  #note(e164: string): void {
    const [eldest] = this.#refused.keys();
    if (this.#refused.size >= mostNumbers && eldest !== undefined) this.#refused.delete(eldest);
    this.#refused.set(e164, this.#carried);
  }
}
