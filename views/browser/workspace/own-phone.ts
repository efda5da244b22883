import type { PhoneHolder } from '../../../dialer/phone-holders/phone-holder.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { send } from '../shared/http.ts';
import { AwaitedPhone, createPhone, type Phone } from '../softphone/index.ts';
import { PhoneHolding } from '../softphone/phone-holding.ts';
import { thisBrowser } from '../softphone/this-browser.ts';
import type { Commands } from './commands.ts';
import { LegKeeper } from './leg-keeper.ts';
import type { PhoneSettings } from './phone-settings.ts';
import type { Truth } from './truth.ts';

/** In this tab's storage while another browser has the phone: a reload does not take it from there. */
const displacedKey = 'ringwise-phone-displaced';

export interface OwnPhoneParts {
  truth: Truth;
  commands: Commands;
  settings: PhoneSettings;
  /** Who has the phone as the page was made. */
  holder: PhoneHolder | null;
}

/** The page's phone, as the settings say that it is reached. */
export function ownPhone({ truth, commands, settings, holder }: OwnPhoneParts): Phone {
  const browser = thisBrowser();
  const own: Phone = new AwaitedPhone(async () => {
    const config = await settings.read();
    const nailed = config.kind === 'webrtc' && config.autoAnswer;
    const phone = await createPhone(config, {
      autoAnswer: () => nailed || rejoins(truth.snapshot),
      expectsSound: () => truth.snapshot?.call?.state === 'connected',
      inCall: () => truth.snapshot?.state === 'on-call',
      holding,
      opensElsewhere: () =>
        wasDisplaced() || (holder !== null && holder.browser !== browser && talksElsewhere(truth.snapshot)),
    });
    if (config.kind === 'webrtc')
      new LegKeeper(truth, own, async (fresh) => {
        if (!(await commands.attempt('sign-in', { fresh }))) await settings.renewOld();
      });
    return phone;
  });
  const holding = new PhoneHolding(
    {
      browser,
      take: () => send<PhoneHolder>('POST', '/workspace/phone/take', { browser }),
      left: () => send('POST', '/workspace/phone/left', { browser }),
      giveUp: () => own.giveUp(),
      isHere: () => own.isHere(),
      registerAgain: () => own.retry(),
      remember,
    },
    holder,
  );
  truth.watchHolder((news) => holding.hear(news));
  return own;
}

/** A leg that rings while the agent is already on a call is the lost one coming back: nobody has to answer it. */
export function rejoins(snapshot: AgentSnapshot | null): boolean {
  return snapshot?.state === 'on-call' && snapshot.phone !== 'lost';
}

/** Who opens a second browser in the middle of a talk has it torn from the first only where they say so. */
function talksElsewhere(snapshot: AgentSnapshot | null): boolean {
  return snapshot !== null && snapshot.phone === 'up' && snapshot.state === 'on-call';
}

function wasDisplaced(): boolean {
  try {
    return sessionStorage.getItem(displacedKey) !== null;
  } catch {
    return false;
  }
}

function remember(displaced: boolean): void {
  try {
    if (displaced) sessionStorage.setItem(displacedKey, '1');
    else sessionStorage.removeItem(displacedKey);
  } catch {
    // Storage forbidden: a reload takes the phone.
  }
}
