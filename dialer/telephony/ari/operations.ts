import type { AriConnection } from './connection.ts';
import { AriStatusError, toTelephonyError } from './errors.ts';

/** ARI operations with the port's manners: errors in its words, and "already gone" is as good as done. */
export class AriOperations {
  readonly #connection: AriConnection;

  constructor(connection: AriConnection) {
    this.#connection = connection;
  }

  /** @throws TelephonyError */
  async do<T = void>(resource: string, operation: string, params: object = {}): Promise<T> {
    try {
      return await this.#connection.call<T>(resource, operation, params);
    } catch (error) {
      throw toTelephonyError(error, `${resource}.${operation}`);
    }
  }

  /** `alsoGone` are statuses that mean, for this operation, that there is nothing left to do. */
  async doOrGone(resource: string, operation: string, params: object, alsoGone: number[] = []) {
    const call = this.#connection.call(resource, operation, params);
    await this.orGone(call, `${resource}.${operation}`, alsoGone);
  }

  async orGone<T>(call: Promise<T>, operation: string, alsoGone: number[] = []): Promise<T | null> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof AriStatusError && [404, ...alsoGone].includes(error.status)) return null;
      throw toTelephonyError(error, operation);
    }
  }

  /**
   * Answers false when the channel has gone. Between hanging up and being gone a channel answers 409 or 412; it is
   * asked for again to tell the two apart.
   */
  async tryOnChannel(channelId: string, operation: string, params: object = {}): Promise<boolean> {
    try {
      await this.#connection.call('channels', operation, { channelId, ...params });
      return true;
    } catch (error) {
      if (error instanceof AriStatusError) {
        if (error.status === 404) return false;
        if ([409, 412, 422].includes(error.status) && !(await this.#isAlive(channelId))) return false;
      }
      throw toTelephonyError(error, `channels.${operation}`);
    }
  }

  async onChannel(channelId: string, operation: string, params: object = {}): Promise<void> {
    await this.tryOnChannel(channelId, operation, params);
  }

  /** ARI refuses the whole list when one of its channels has gone; the others are then moved one by one. */
  async membership(
    operation: 'addChannel' | 'removeChannel',
    bridgeId: string,
    channelIds: readonly string[],
  ): Promise<void> {
    try {
      const channel = channelIds.join(',');
      await this.#connection.call('bridges', operation, { bridgeId, channel });
    } catch (error) {
      if (!(error instanceof AriStatusError)) throw toTelephonyError(error, `bridges.${operation}`);
      const removing = operation === 'removeChannel';
      if (error.status === 404 && removing) return;
      // 422: it is not in that bridge, which is what was wanted.
      if (error.status === 422 && removing && channelIds.length === 1) return;
      const alive = error.status === 404 ? channelIds : await this.#alive(channelIds);
      const nothingLearnt = alive.length === channelIds.length && alive.length === 1;
      if (error.status === 404 || nothingLearnt) throw toTelephonyError(error, `bridges.${operation}`);
      for (const id of alive) await this.membership(operation, bridgeId, [id]);
    }
  }

  async #alive(channelIds: readonly string[]): Promise<string[]> {
    const alive: string[] = [];
    for (const id of channelIds) if (await this.#isAlive(id)) alive.push(id);
    return alive;
  }

  async #isAlive(channelId: string): Promise<boolean> {
    const call = this.#connection.call('channels', 'get', { channelId });
    return (await this.orGone(call, 'channels.get')) !== null;
  }
}
