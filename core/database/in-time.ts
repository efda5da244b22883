import type { Clock } from '../clock/clock.ts';
import { isDatabaseDown } from './errors.ts';

const patienceMs = 400;

/** What `work` comes to; `instead` where the database is away, or silent for longer than somebody at a button waits. */
export function inTime<T>(clock: Clock, work: Promise<T>, instead: () => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => resolve(instead());
    const stop = clock.after(patienceMs, giveUp);
    work.finally(stop).then(resolve, (error: unknown) => {
      if (isDatabaseDown(error)) giveUp();
      else reject(error as Error);
    });
  });
}

/** `work`, or `tooSlow` where it takes longer; what it comes to then is nobody's any more. */
export function within<T>(clock: Clock, work: Promise<T>, ms: number, tooSlow: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = clock.after(ms, () => reject(tooSlow()));
    work.finally(stop).then(resolve, reject);
  });
}
