/** A binary heap of (time, kind, reference) in flat arrays. */
export class Agenda {
  size = 0;
  #time = new Float64Array(1024);
  #kind = new Uint8Array(1024);
  #ref = new Int32Array(1024);
  kind = 0;
  ref = 0;

  get next(): number {
    return this.size > 0 ? this.#time[0]! : Number.POSITIVE_INFINITY;
  }

  push(time: number, kind: number, ref: number): void {
    if (this.size === this.#time.length) this.#grow();
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#time[parent]! <= time) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#time[at] = time;
    this.#kind[at] = kind;
    this.#ref[at] = ref;
  }

  /** Takes the first entry; its parts are in `kind` and `ref`. */
  pop(): number {
    const first = this.#time[0]!;
    this.kind = this.#kind[0]!;
    this.ref = this.#ref[0]!;
    const last = --this.size;
    const time = this.#time[last]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#time[child + 1]! < this.#time[child]!) child++;
      if (this.#time[child]! >= time) break;
      this.#copy(child, at);
      at = child;
    }
    this.#time[at] = time;
    this.#kind[at] = this.#kind[last]!;
    this.#ref[at] = this.#ref[last]!;
    return first;
  }

  #copy(from: number, to: number): void {
    this.#time[to] = this.#time[from]!;
    this.#kind[to] = this.#kind[from]!;
    this.#ref[to] = this.#ref[from]!;
  }

  #grow(): void {
    const size = this.#time.length * 2;
    const grow = <A extends Float64Array | Uint8Array | Int32Array>(made: A, old: A): A => {
      made.set(old);
      return made;
    };
    this.#time = grow(new Float64Array(size), this.#time);
    this.#kind = grow(new Uint8Array(size), this.#kind);
    this.#ref = grow(new Int32Array(size), this.#ref);
  }
}
