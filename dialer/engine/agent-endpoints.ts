import { roleMay, type User } from '../../core/users/index.ts';
import type { DialerContext } from './context.ts';

/** Phones of agents and supervisors on the switch: only of who may work, each with the password that its user has now. */
export class AgentEndpoints {
  readonly #ctx: DialerContext;
  /** What the switch was told to ask of each user's phone; null where that is not known, or it was not there. */
  readonly #given = new Map<number, string | null>();
  #lookedAt = false;

  constructor(ctx: DialerContext) {
    this.#ctx = ctx;
  }

  /** Makes this user's phone known to the switch: now, or when it is there. */
  async put(user: User): Promise<void> {
    const { telephony, stores } = this.#ctx;
    if (user.phoneMode === 'desk') return;
    if (!this.#given.has(user.id)) this.#given.set(user.id, null);
    if (telephony.state !== 'up') return;
    const password = await stores.sipPasswords.get(user.id);
    if (password) await this.#put(user.id, password);
  }

  async #put(userId: number, password: string): Promise<void> {
    const { telephony, app } = this.#ctx;
    try {
      await telephony.putEndpoint({ kind: 'webrtc-agent', name: nameOf(userId), password });
      this.#given.set(userId, password);
    } catch (error) {
      app.log.warn({ user: userId, error: String(error) }, 'switch did not take the agent’s endpoint');
    }
  }

  /**
   * Whoever knows an old password, or has left, registers no phone: it would take the calls from the one that is meant.
   * What the switch would not take is tried again the next time.
   */
  async bringUpToDate(): Promise<void> {
    const { telephony, stores, app } = this.#ctx;
    if (telephony.state !== 'up') return;
    await this.#lookAtSwitch();
    const ids = [...this.#given.keys()];
    const [users, passwords] = await Promise.all([stores.users.byIds(ids), stores.sipPasswords.getMany(ids)]);
    for (const id of ids) {
      const user = users.get(id);
      const password = passwords.get(id);
      if (user && mayHavePhone(user) && user.phoneMode === 'webrtc' && password) {
        if (this.#given.get(id) !== password) await this.#put(id, password);
        continue;
      }
      try {
        await telephony.removeEndpoint(nameOf(id));
        this.#given.delete(id);
      } catch (error) {
        app.log.warn({ user: id, error: String(error) }, 'switch did not let go of a user’s endpoint');
      }
    }
  }

  /** An earlier run left there what nobody may know of any more. */
  async #lookAtSwitch(): Promise<void> {
    if (this.#lookedAt) return;
    for (const { endpoint } of await this.#ctx.telephony.endpoints()) {
      const id = Number(/^PJSIP\/agent-(\d+)$/.exec(endpoint)?.[1]);
      if (id && !this.#given.has(id)) this.#given.set(id, null);
    }
    this.#lookedAt = true;
  }
}

export function mayWork({ disabledAt, role }: User): boolean {
  return disabledAt === null && roleMay(role, ['agent', 'supervisor']);
}

/** Managers listen from the floor. */
function mayHavePhone({ disabledAt, role }: User): boolean {
  return disabledAt === null && roleMay(role, ['agent', 'supervisor', 'manager']);
}

const nameOf = (userId: number): string => `agent-${userId}`;
