import type { Clock } from '../../core/clock/clock.ts';
import { TelephonyError, type Telephony } from '../../dialer/telephony/index.ts';

/** Makes a dialer's link to its switch one that can be cut for a while: every request is refused then, and nothing else happens. */
export function cuttable(clock: () => Clock) {
  let until = 0;
  let before: ((request: PropertyKey, given: readonly unknown[]) => void) | null = null;
  const isCut = () => until > 0 && clock().now() < until;
  const cut = (ms: number) => void (until = clock().now() + ms);
  const done: [PropertyKey, readonly unknown[]][] = [];
  return {
    /** What was asked of the switch and not refused. */
    done,
    cut,
    /** Cuts it for so long as the first request is made of which this is true. */
    cutAt(ms: number, at: (request: PropertyKey, given: readonly unknown[]) => boolean): void {
      before = (request, given) => {
        if (!at(request, given)) return;
        before = null;
        cut(ms);
      };
    },
    telephony: (made: Telephony): Telephony =>
      new Proxy(made, {
        get(target, key) {
          if (key === 'state') return isCut() ? 'down' : target.state;
          const value = Reflect.get(target, key) as unknown;
          if (typeof value !== 'function') return value;
          if (key === 'on' || key === 'connect' || key === 'close')
            return (value as () => unknown).bind(target);
          return async (...given: unknown[]) => {
            before?.(key, given);
            if (isCut()) throw new TelephonyError('unavailable', 'the link is cut');
            done.push([key, given]);
            return Reflect.apply(value, target, given) as unknown;
          };
        },
      }),
  };
}
