import { barView } from '../../../dialer/workspace/bar.ts';
import { say } from '../shared/words.ts';
import type { Alerts } from './alerts.ts';
import type { Truth } from './truth.ts';

/**
 * Says beside a call or its wrap-up that the phone is gone. During the call signing it in is the next action, and in the
 * bar; a wrap-up goes on without it, so it is offered here.
 */
export function watchLostPhone(truth: Truth, alerts: Alerts, signIn: () => void): void {
  truth.watch((snapshot) => {
    const { lostPhone } = barView(snapshot);
    const action = lostPhone === 'wrapup' ? { label: say('action.sign-in'), run: signIn } : undefined;
    const text = lostPhone && say(`phoneLost.${lostPhone}`);
    alerts.set('phone-lost', text ? { kind: 'danger', text, action } : null);
  });
}
