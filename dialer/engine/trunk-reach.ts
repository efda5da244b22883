import type { RegistrationState } from '../telephony/telephony.ts';
import { trunkEndpointName } from '../trunks/trunk.ts';
import type { DialerContext } from './context.ts';

const lookMs = 15_000;
/** The switch asks a carrier each half minute whether it is there, and takes it for away until it has been asked. */
const unaskedMs = 45_000;

export type TrunkTrouble = 'unreachable' | Exclude<RegistrationState, 'registered'>;

/** What the switch knows of the ways to the carriers, whether calls go over them or not. */
export class TrunkReach {
  readonly #ctx: Pick<DialerContext, 'telephony' | 'trunks' | 'app'>;
  /** Troubles by trunk, with since when each has been seen. */
  readonly #seen = new Map<number, Map<TrunkTrouble, number>>();
  #looking = false;

  constructor(ctx: Pick<DialerContext, 'telephony' | 'trunks' | 'app'>) {
    this.#ctx = ctx;
  }

  listen(): () => void {
    return this.#ctx.app.clock.every(lookMs, () => void this.look());
  }

  /** The gravest, and since when; null: none is known. */
  troubleOf(trunkId: number, now: number): { trouble: TrunkTrouble; since: number } | null {
    const seen = this.#seen.get(trunkId);
    const away = seen?.get('unreachable');
    if (away !== undefined && now - away >= unaskedMs) return { trouble: 'unreachable', since: away };
    for (const trouble of ['rejected', 'unregistered'] as const) {
      const since = seen?.get(trouble);
      const isLasting = trouble === 'rejected' || now - (since ?? now) >= unaskedMs;
      if (since !== undefined && isLasting) return { trouble, since };
    }
    return null;
  }

  async look(): Promise<void> {
    const { telephony, trunks, app } = this.#ctx;
    const known = trunks.status(app.clock.now()).filter(({ trunk }) => trunk.enabled);
    if (this.#looking || telephony.state !== 'up' || known.length === 0) return;
    this.#looking = true;
    try {
      const [endpoints, registrations] = await Promise.all([
        telephony.endpoints(),
        telephony.registrations(),
      ]);
      const online = new Map(endpoints.map((each) => [each.endpoint, each.online]));
      const before = new Map(this.#seen);
      this.#seen.clear();
      for (const { trunk } of known) {
        const name = trunkEndpointName(trunk.id);
        const state = registrations.get(name);
        const troubles: TrunkTrouble[] = [];
        if (online.get(`PJSIP/${name}`) === false) troubles.push('unreachable');
        if (state && state !== 'registered') troubles.push(state);
        const since = before.get(trunk.id);
        const now = app.clock.now();
        this.#seen.set(trunk.id, new Map(troubles.map((each) => [each, since?.get(each) ?? now])));
      }
    } catch (error) {
      app.log.debug({ error: String(error) }, 'the switch did not say how the carriers can be reached');
    } finally {
      this.#looking = false;
    }
  }
}
