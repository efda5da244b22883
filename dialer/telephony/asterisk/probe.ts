import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AriStatusError } from '../ari/errors.ts';
import { ariJson, type AriAccess } from '../ari/http.ts';
import { agentContext, echoExtension } from '../dialplan.ts';
import type { Telephony, TelephonyEvent } from '../telephony.ts';

const answersWithinMs = 3000;
/** A busy switch takes its time to close a file. */
const recordedWithinMs = 10_000;
/** A sound that is there is still being played by then. */
const failsWithinMs = 400;
/** A customer would not wait for longer. */
const fetchedWithinMs = 10_000;
const musicMs = 500;
const wavHeaderBytes = 44;

export interface ProbeResult {
  missingContexts: string[];
  /** Whether agents can call themselves. */
  hasEcho: boolean;
  missingSounds: string[];
  /** Why nothing can be recorded; null: it records. */
  recordsNot: 'no-folder' | 'no-format' | 'no-file' | null;
  /** Whether those who wait hear music; null where it cannot be told, as nothing can be recorded. */
  hasHoldMusic: boolean | null;
}

/** Tries on a switch what it cannot be asked for. `telephony` is connected, as `application`. */
export async function probeSwitch(
  telephony: Telephony,
  access: AriAccess,
  wanted: { application: string; contexts: string[]; sounds: string[] },
): Promise<ProbeResult> {
  const missingContexts: string[] = [];
  for (const context of wanted.contexts)
    if (!(await hasExtension(access, wanted.application, context, ['s', '12025550100'])))
      missingContexts.push(context);
  const hasEcho = await hasExtension(access, wanted.application, agentContext, [echoExtension]);
  const missingSounds: string[] = [];
  const watchBridge = watcher(access, wanted.application);
  for (const sound of wanted.sounds)
    if (!(await hasSound(telephony, sound, watchBridge))) missingSounds.push(sound);
  const recorder = { telephony, access, watch: watchBridge };
  const recordsNot = await whyNotRecording(recorder);
  const hasHoldMusic = recordsNot ? null : await playsHoldMusic(recorder);
  return { missingContexts, hasEcho, missingSounds, recordsNot, hasHoldMusic };
}

/** Asks the dialplan by a channel that is made but never dialled. */
async function hasExtension(
  access: AriAccess,
  application: string,
  context: string,
  extensions: readonly string[],
): Promise<boolean> {
  const channelId = `ringwise-check-${randomUUID()}`;
  const query = new URLSearchParams({ endpoint: `Local/s@${context}`, app: application, channelId });
  const request = (method: 'GET' | 'POST' | 'DELETE', path: string) =>
    ariJson<{ value: string } | undefined>(access, { method, path, timeoutMs: answersWithinMs });
  try {
    await request('POST', `/channels/create?${query}`);
    for (const extension of extensions) {
      const variable = encodeURIComponent(`DIALPLAN_EXISTS(${context},${extension},1)`);
      const answer = await request('GET', `/channels/${channelId}/variable?variable=${variable}`);
      if (answer?.value === '1') return true;
    }
    return false;
  } catch (error) {
    if (error instanceof AriStatusError) return false;
    throw error;
  } finally {
    await request('DELETE', `/channels/${channelId}`).catch(() => {});
  }
}

/** A bridge without channels of ours tells us nothing unless it is asked to. */
type WatchBridge = (bridgeId: string) => Promise<unknown>;

function watcher(access: AriAccess, application: string): WatchBridge {
  return (bridgeId) => {
    const query = new URLSearchParams({ eventSource: `bridge:${bridgeId}` });
    const path = `/applications/${application}/subscription?${query}`;
    return ariJson(access, { method: 'POST', path, timeoutMs: answersWithinMs });
  };
}

/** Whether the switch fetches a sound from elsewhere and plays it to its end. */
export async function playsFetched(
  telephony: Telephony,
  access: AriAccess,
  application: string,
  media: string,
): Promise<boolean> {
  const [bridgeId, playbackId] = [`ringwise-check-${randomUUID()}`, randomUUID()];
  await telephony.createBridge(bridgeId, 'mixing');
  await watcher(access, application)(bridgeId);
  try {
    let failed = false;
    const ended = waitFor(
      telephony,
      (event) => {
        if (event.type !== 'playback-finished' || event.playbackId !== playbackId) return false;
        failed = event.failed;
        return true;
      },
      fetchedWithinMs,
    );
    await telephony.play({ bridgeId }, media, playbackId);
    return (await ended) && !failed;
  } finally {
    await telephony.stopPlayback(playbackId);
    await telephony.destroyBridge(bridgeId);
  }
}

async function hasSound(telephony: Telephony, media: string, watch: WatchBridge): Promise<boolean> {
  const bridgeId = `ringwise-check-${randomUUID()}`;
  const playbackId = randomUUID();
  await telephony.createBridge(bridgeId, 'mixing');
  await watch(bridgeId);
  try {
    const failed = waitFor(
      telephony,
      (event) => event.type === 'playback-finished' && event.playbackId === playbackId && event.failed,
      failsWithinMs,
    );
    await telephony.play({ bridgeId }, media, playbackId);
    return !(await failed);
  } finally {
    await telephony.stopPlayback(playbackId);
    await telephony.destroyBridge(bridgeId);
  }
}

async function whyNotRecording(recorder: Recorder): Promise<ProbeResult['recordsNot']> {
  try {
    return (await recordEmptyBridge(recorder)) === null ? 'no-file' : null;
  } catch (error) {
    if (!(error instanceof AriStatusError)) throw error;
    return error.status === 422 ? 'no-format' : 'no-folder';
  }
}

/** In a bridge where nobody is there is not one sample to record, unless there is music. */
async function playsHoldMusic(recorder: Recorder): Promise<boolean> {
  const bytes = await recordEmptyBridge(recorder, async (bridgeId) => {
    const path = `/bridges/${bridgeId}/moh`;
    await ariJson(recorder.access, { method: 'POST', path, timeoutMs: answersWithinMs });
    await delay(musicMs);
  });
  return (bytes ?? 0) > wavHeaderBytes;
}

interface Recorder {
  telephony: Telephony;
  access: AriAccess;
  watch: WatchBridge;
}

/**
 * How long the file of a recording is; null: none came of it, which Asterisk itself passes over in silence where it
 * may not write. Rejects with AriStatusError when the recording is refused.
 */
async function recordEmptyBridge(
  { telephony, access, watch }: Recorder,
  meanwhile?: (bridgeId: string) => Promise<void>,
): Promise<number | null> {
  const name = `ringwise-check-${randomUUID()}`;
  await telephony.createBridge(name, 'mixing');
  await watch(name);
  try {
    const finished = waitFor(
      telephony,
      (event) => event.type === 'recording-finished' && event.name === name && !event.failed,
      recordedWithinMs,
    );
    const path = `/bridges/${name}/record?name=${name}&format=wav`;
    await ariJson(access, { method: 'POST', path, timeoutMs: answersWithinMs });
    await meanwhile?.(name);
    await telephony.stopRecording(name);
    const file = (await finished) ? await telephony.fetchRecording(name) : null;
    if (!file) return null;
    let bytes = 0;
    for await (const part of file) bytes += (part as Buffer).length;
    return bytes;
  } finally {
    await telephony.deleteRecording(name);
    await telephony.destroyBridge(name);
  }
}

/** Whether such an event comes in time. */
function waitFor(
  telephony: Telephony,
  isIt: (event: TelephonyEvent) => boolean,
  ms: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (came: boolean) => {
      clearTimeout(timer);
      stop();
      resolve(came);
    };
    const timer = setTimeout(() => end(false), ms);
    const stop = telephony.on((event) => {
      if (isIt(event)) end(true);
    });
  });
}
