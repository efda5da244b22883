/** A mean that forgets: each sample weighs `1 - 1/memory` of the one after it. Starts from a prior worth `strength` samples. */
export class FadingMean {
  #sum: number;
  #weight: number;
  #keep: number;

  constructor(prior: number, strength: number, memory: number) {
    this.#sum = prior * strength;
    this.#weight = strength;
    this.#keep = 1 - 1 / memory;
  }

  add(value: number, weight = 1): void {
    this.#sum = this.#sum * this.#keep + value;
    this.#weight = this.#weight * this.#keep + weight;
  }

  get mean(): number {
    return this.#weight > 0 ? this.#sum / this.#weight : 0;
  }

  get weight(): number {
    return this.#weight;
  }
}
