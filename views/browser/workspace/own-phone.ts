import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { AwaitedPhone, createPhone, type Phone } from '../softphone/index.ts';
import type { Commands } from './commands.ts';
import { LegKeeper } from './leg-keeper.ts';
import type { PhoneSettings } from './phone-settings.ts';
import type { Truth } from './truth.ts';

/** The page's phone, as the settings say that it is reached. */
export function ownPhone(truth: Truth, commands: Commands, settings: PhoneSettings): Phone {
  const own: Phone = new AwaitedPhone(async () => {
    const config = await settings.read();
    const nailed = config.kind === 'webrtc' && config.autoAnswer;
    const phone = await createPhone(config, {
      autoAnswer: () => nailed || rejoins(truth.snapshot),
      expectsSound: () => truth.snapshot?.call?.state === 'connected',
      inCall: () => truth.snapshot?.state === 'on-call',
    });
    if (config.kind === 'webrtc')
      new LegKeeper(truth, own, async (fresh) => {
        if (!(await commands.attempt('sign-in', { fresh }))) await settings.renewOld();
      });
    return phone;
  });
  return own;
}

/** A leg that rings while the agent is already on a call is the lost one coming back: nobody has to answer it. */
export function rejoins(snapshot: AgentSnapshot | null): boolean {
  return snapshot?.state === 'on-call' && snapshot.phone !== 'lost';
}
