import type { Redis } from 'ioredis';

/** What Bull does not keep itself: dedupe keys, wishes to cancel, and who runs a repeating job. */
export class BullKeys {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, namespace: string) {
    this.#redis = redis;
    this.#prefix = `${namespace}:jobs:`;
  }

  /**
   * Reserves a dedupe key for a job that is about to be added. The reservation ends by itself until `keep` makes it
   * last, so that a process that dies in between blocks nobody.
   * @returns the id that has the key, and whether its job is known to have been added.
   */
  async reserve(
    name: string,
    key: string,
    id: string,
  ): Promise<{ id: string; mine: boolean; added: boolean }> {
    const at = this.#key(name, key);
    for (;;) {
      if ((await this.#redis.set(at, id, 'PX', reservationMs, 'NX')) !== null)
        return { id, mine: true, added: false };
      const [holder, left] = await Promise.all([this.#redis.get(at), this.#redis.pttl(at)]);
      if (holder !== null) return { id: holder, mine: false, added: left === -1 };
    }
  }

  async keep(name: string, key: string): Promise<void> {
    await this.#redis.persist(this.#key(name, key));
  }

  /** Gives a dedupe key free, if that job still has it. One step: another job may take it at any moment. */
  async free(name: string, key: string, id: string): Promise<void> {
    await this.#redis.eval(
      `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end`,
      1,
      this.#key(name, key),
      id,
    );
  }

  async askToStop(id: string): Promise<void> {
    await this.#redis.set(`${this.#prefix}stop:${id}`, 'asked', 'PX', keepMs);
  }

  async markCancelled(id: string): Promise<void> {
    await this.#redis.set(`${this.#prefix}stop:${id}`, 'cancelled', 'PX', keepMs);
  }

  async forgetStop(id: string): Promise<void> {
    await this.#redis.del(`${this.#prefix}stop:${id}`);
  }

  async stopState(id: string): Promise<'asked' | 'cancelled' | null> {
    return (await this.#redis.get(`${this.#prefix}stop:${id}`)) as 'asked' | 'cancelled' | null;
  }

  /** Takes or prolongs the right to run the repeating job `name`. False while another run has it. */
  async holdRound(name: string, run: string, ms: number): Promise<boolean> {
    const result = await this.#redis.eval(
      `local holder = redis.call('get', KEYS[1])
       if holder and holder ~= ARGV[1] then return 0 end
       redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
       return 1`,
      1,
      `${this.#prefix}round:${name}`,
      run,
      ms,
    );
    return result === 1;
  }

  async endRound(name: string, run: string): Promise<void> {
    await this.#redis.eval(
      `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end`,
      1,
      `${this.#prefix}round:${name}`,
      run,
    );
  }

  #key(name: string, key: string): string {
    return `${this.#prefix}key:${name}:${key}`;
  }
}

const reservationMs = 10_000;
/** As long as ended jobs can be looked up. */
export const keepMs = 7 * 86_400_000;
