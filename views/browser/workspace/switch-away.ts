import { say } from '../shared/words.ts';
import type { Alerts } from './alerts.ts';
import type { Truth } from './truth.ts';

/** A link that is cut is mostly back within this, and not worth a word. */
const patienceMs = 1_000;

/** Says why nothing comes while the dialer does not reach the switch. */
export function watchSwitch(truth: Truth, alerts: Alerts): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  truth.watch(({ switchAway, state }) => {
    clearTimeout(timer);
    if (!switchAway || state === 'signed-out') return alerts.set('switch', null);
    const tell = () => alerts.set('switch', { kind: 'warning', text: say('live.switchAway') });
    timer = setTimeout(tell, patienceMs);
  });
}
