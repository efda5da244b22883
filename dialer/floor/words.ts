import type { Translate } from '../../core/i18n/index.ts';
import { barIcons } from '../workspace/bar.ts';
import { stateGroups } from './floor-row.ts';

const plain = [
  'empty.nobody',
  'empty.filtered',
  'calls.none',
  'calls.waiting',
  'calls.announcing',
  'calls.transferring',
  'calls.detecting',
  'calls.ringing',
  'calls.dialing',
  'calls.parked',
  'calls.back',
  'calls.for',
  'calls.by',
  'tile.next.paused',
  'tile.next.signed-out',
  'tile.campaigns',
  'tile.phoneLost',
  'tile.past',
  'alerts.agent',
  'alerts.phone',
  'alerts.waiting',
  'notice.away',
  'notice.silent',
  'notice.stale',
  'sound.blocked',
  'separator',
  'listSeparator',
  'act.paused',
  'act.ready',
  'act.signed-out',
  'force.paused',
  'force.ready',
  'force.signed-out',
  'forced.paused',
  'forced.ready',
  'forced.signed-out',
  'message.all',
  'message.ofCampaign',
  'message.empty',
  'message.done',
  'monitor.now.calling',
  'monitor.now.listen',
  'monitor.now.whisper',
  'monitor.now.barge',
  'monitor.now.take-over',
  'monitor.simulated',
  'monitor.noPhone',
  'monitor.elsewhere',
  'monitor.ended.call-over',
  'monitor.ended.agent-gone',
  'monitor.ended.phone-gone',
  'monitor.ended.consulting',
  'monitor.ended.switch-refused',
  'monitor.asking',
  'monitor.recordingPaused',
  'move.title',
  'move.none',
  'move.done',
] as const;

/** What the floor's script says, by key. Parameters stay in braces for the script to fill. */
export function floorWords(t: Translate): Record<string, string> {
  const own = [...plain, ...Object.keys(stateGroups).map((group) => `groups.${group}`)];
  const say = (key: string) => t(key, { skipInterpolation: true });
  return Object.fromEntries([
    ...own.map((key) => [key, say(`floor:${key}`)]),
    ...Object.keys(barIcons).map((word) => [`state.${word}`, say(`workspace:state.${word}`)]),
  ]);
}
