import type { Translate } from '../../core/i18n/index.ts';
import { barIcons, type NextAction } from './bar.ts';

const states = Object.keys(barIcons).map((word) => `state.${word}`);
const actionNames: readonly NextAction[] = [
  'sign-in',
  'ready',
  'pause',
  'answer',
  'preview-dial',
  'hangup',
  'save',
];
const actions = actionNames.map((name) => `action.${name}`);
const phoneStates = [
  'simulated',
  'desk',
  'elsewhere',
  'starting',
  'connecting',
  'registered',
  'retrying',
  'refused',
  'no-microphone',
  'unsupported',
  'stopped',
].flatMap((status) => [`phone.${status}`, `phoneLong.${status}`]);

const plain = [
  'bar.then',
  'bar.left',
  'bar.pauseOver',
  'pauseReason.signed-in',
  'pauseReason.phone-lost',
  'pauseReason.phone-not-answered',
  'pauseReason.forced',
  'pauseReason.wrapup-missed',
  'pauseReason.preview-missed',
  'pauseReason.dialer-restarted',
  'controls.mute',
  'controls.unmute',
  'controls.hold',
  'controls.unhold',
  'recording.on',
  'recording.paused',
  'recording.failed',
  'microphone.blocked',
  'microphone.missing',
  'microphone.busy',
  'microphone.insecure',
  'microphone.failed',
  'warning.autoplay',
  'warning.silent-microphone',
  'warning.device-gone',
  'warning.no-audio',
  'phone.defaultDevice',
  'phone.retry',
  'phone.takeOver',
  'phone.quality.good',
  'phone.quality.fair',
  'phone.quality.poor',
  'phone.notifyOn',
  'phone.notifyOff',
  'live.silent',
  'live.failed',
  'live.reload',
  'say.call',
  'say.callUnknown',
  'say.ended',
  'say.preview',
  'say.wrapupSoon',
  'notify.call',
  'notify.ringing',
  'notify.preview',
  'script.step',
  'disposition.saving',
  'disposition.saved',
  'disposition.unsaved',
  'disposition.chooseFirst',
  'disposition.done',
  'callback.bothTimes',
  'callback.sameTime',
  'callback.missing',
  'callback.missingDate',
  'callback.missingTime',
  'callback.past',
  'callbacks.setTime',
  'ended.cause',
  'ended.outcome',
  'dial.wrong',
  'dial.noCampaign',
  'dialog.reasonMissing',
] as const;

const endings = [
  'answered-customer',
  'answered-agent',
  'answered-system',
  'abandoned',
  'hung-up',
  'machine',
  'busy',
  'no-answer',
  'congestion',
  'unallocated',
  'rejected',
  'failed',
  'cancelled',
].map((outcome) => `ending.${outcome}`);

export const browserWordKeys: readonly string[] = [
  ...states,
  ...actions,
  ...phoneStates,
  ...plain,
  ...endings,
];

/** Words for the page's own code. Parameters stay in double braces: the browser fills them in. */
export function browserWords(t: Translate): Record<string, string> {
  return Object.fromEntries(
    browserWordKeys.map((key) => [key, t(`workspace:${key}`, { skipInterpolation: true })]),
  );
}
