/** A value with watchers. Setting what is there already tells nobody. */
export class Observable<T extends object> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  change(part: Partial<T>): void {
    const keys = Object.keys(part) as (keyof T)[];
    if (keys.every((key) => Object.is(this.#value[key], part[key]))) return;
    this.#value = { ...this.#value, ...part };
    for (const listener of this.#listeners) listener(this.#value);
  }

  watch(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#value);
    return () => void this.#listeners.delete(listener);
  }
}
