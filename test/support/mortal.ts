import type { Clock } from '../../core/clock/clock.ts';
import type { Telephony } from '../../dialer/telephony/index.ts';
import type { TestApp } from './app.ts';

/**
 * What one process is given, so that it can be killed in this one: from `die` on its timers do not fire, its commands
 * and events do not reach it, it hears nothing of the switch and gets no answer from there. What it was writing in that
 * moment is written.
 */
export function mortal(app: TestApp, telephony: Telephony) {
  let dead = false;
  const heard: (() => void)[] = [];
  const clock: Clock = {
    now: () => app.clock.now(),
    after: (ms, task) => app.clock.after(ms, () => dead || task()),
    every: (ms, task) => app.clock.every(ms, () => dead || task()),
  };
  const bus = new Proxy(app.bus, {
    get(target, key) {
      const value = Reflect.get(target, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const result = Reflect.apply(value, target, given) as unknown;
        if (typeof result === 'function') heard.push(result as () => void);
        return result;
      };
    },
  });
  const side = new Proxy(telephony, {
    get(target, key) {
      if (key === 'state') return dead ? 'closed' : target.state;
      const value = Reflect.get(target, key) as unknown;
      if (key === 'on')
        return (listener: Parameters<Telephony['on']>[0]) => target.on((event) => dead || listener(event));
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) =>
        dead ? new Promise(() => {}) : (Reflect.apply(value, target, given) as unknown);
    },
  });
  return {
    app: { ...app, clock: clock as TestApp['clock'], bus },
    telephony: side,
    die() {
      dead = true;
      for (const stop of heard.splice(0)) stop();
    },
  };
}
