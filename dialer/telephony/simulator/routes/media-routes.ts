import { SimProblem } from '../problem.ts';
import { playbackJson, type SimulatedSwitch } from '../switch.ts';
import { speechWav } from '../../audio/synthetic-speech.ts';
import type { SimPlayback, SimRecording } from '../wire-types.ts';
import type { Route, SimRequest } from './route.ts';

const soundMs = 3000;

/** Playbacks, live and stored recordings. */
export function mediaRoutes(sim: SimulatedSwitch): Route[] {
  const play = (target: string, { path, query }: SimRequest) => {
    const id = path['playbackId'] ?? '';
    const media = query.get('media') ?? '';
    if (sim.playbacks.has(id)) throw new SimProblem(409, 'Playback already exists');
    const playback: SimPlayback = { id, media, target, cancel: () => {} };
    sim.playbacks.set(id, playback);
    sim.announce('PlaybackStarted', { playback: playbackJson(playback, 'playing') });
    const [kind, name = ''] = media.split(':', 2);
    const lasts = kind === 'recording' ? (sim.stored.get(name)?.durationMs ?? 0) : soundMs;
    // A tone has no end of its own.
    if (kind !== 'tone') playback.cancel = sim.clock.after(lasts, () => sim.finishPlayback(playback));
    return playbackJson(playback, 'playing');
  };
  const live = ({ path }: SimRequest): SimRecording => {
    const recording = sim.recordings.get(path['recordingName'] ?? '');
    if (!recording) throw new SimProblem(404, 'Recording not found');
    return recording;
  };
  const stored = ({ path }: SimRequest) => {
    const recording = sim.stored.get(path['recordingName'] ?? '');
    if (!recording) throw new SimProblem(404, 'Recording not found');
    return recording;
  };

  return [
    {
      method: 'POST',
      path: '/channels/{channelId}/play/{playbackId}',
      nickname: 'playWithId',
      query: ['media', 'lang'],
      returns: 'Playback',
      handle: (request) => {
        const channel = sim.channel(request.path['channelId'] ?? '');
        if (!channel.inStasis) throw new SimProblem(409, 'Channel not in Stasis application');
        return play(`channel:${channel.id}`, request);
      },
    },
    {
      method: 'POST',
      path: '/bridges/{bridgeId}/play/{playbackId}',
      nickname: 'playWithId',
      query: ['media', 'lang'],
      returns: 'Playback',
      handle: (request) => play(`bridge:${sim.bridge(request.path['bridgeId'] ?? '').id}`, request),
    },
    {
      method: 'DELETE',
      path: '/playbacks/{playbackId}',
      nickname: 'stop',
      handle: ({ path }) => {
        const playback = sim.playbacks.get(path['playbackId'] ?? '');
        if (!playback) throw new SimProblem(404, 'Playback not found');
        sim.finishPlayback(playback);
      },
    },
    {
      method: 'POST',
      path: '/bridges/{bridgeId}/record',
      nickname: 'record',
      query: ['name', 'format', 'maxDurationSeconds', 'maxSilenceSeconds', 'ifExists', 'beep', 'terminateOn'],
      returns: 'LiveRecording',
      handle: ({ path, query }) => {
        const name = query.get('name') ?? '';
        if (sim.recordings.has(name)) throw new SimProblem(409, 'Recording already in progress');
        const bridgeId = sim.bridge(path['bridgeId'] ?? '').id;
        const recording = { name, bridgeId, startedAt: sim.clock.now(), pausedAt: null, pausedMs: 0 };
        sim.recordings.set(name, recording);
        sim.watchSilence(bridgeId);
        return { name, format: 'wav', state: 'recording', target_uri: `bridge:${bridgeId}` };
      },
    },
    {
      method: 'GET',
      path: '/recordings/live/{recordingName}',
      nickname: 'getLive',
      returns: 'LiveRecording',
      handle: (request) => {
        const { name, bridgeId, pausedAt } = live(request);
        const state = pausedAt === null ? 'recording' : 'paused';
        return { name, format: 'wav', state, target_uri: `bridge:${bridgeId}` };
      },
    },
    {
      method: 'POST',
      path: '/recordings/live/{recordingName}/pause',
      nickname: 'pause',
      handle: (request) => {
        live(request).pausedAt ??= sim.clock.now();
      },
    },
    {
      method: 'DELETE',
      path: '/recordings/live/{recordingName}/pause',
      nickname: 'unpause',
      handle: (request) => {
        const recording = live(request);
        if (recording.pausedAt === null) return;
        recording.pausedMs += sim.clock.now() - recording.pausedAt;
        recording.pausedAt = null;
      },
    },
    {
      method: 'POST',
      path: '/recordings/live/{recordingName}/stop',
      nickname: 'stop',
      handle: (request) => sim.finishRecording(live(request)),
    },
    {
      method: 'GET',
      path: '/recordings/stored',
      nickname: 'listStored',
      returns: 'List[StoredRecording]',
      handle: () => [...sim.stored.keys()].map((name) => ({ name, format: 'wav' })),
    },
    {
      method: 'GET',
      path: '/recordings/stored/{recordingName}/file',
      nickname: 'getStoredFile',
      returns: 'binary',
      handle: (request) => {
        const { name, durationMs } = stored(request);
        return { stream: speechWav(name, durationMs), contentType: 'audio/wav' };
      },
    },
    {
      method: 'DELETE',
      path: '/recordings/stored/{recordingName}',
      nickname: 'deleteStored',
      handle: (request) => void sim.stored.delete(stored(request).name),
    },
  ];
}
