import { randomUUID } from 'node:crypto';
import { AriStatusError } from '../ari/errors.ts';
import { ariJson, type AriAccess } from '../ari/http.ts';
import type { Telephony, TelephonyEvent } from '../telephony.ts';

const answersWithinMs = 3000;
/** A sound that is there is still being played by then. */
const failsWithinMs = 400;

export interface ProbeResult {
  missingContexts: string[];
  missingSounds: string[];
  records: boolean;
}

/** Tries on a switch what it cannot be asked for. `telephony` is connected, as `application`. */
export async function probeSwitch(
  telephony: Telephony,
  access: AriAccess,
  wanted: { application: string; contexts: string[]; sounds: string[] },
): Promise<ProbeResult> {
  const missingContexts: string[] = [];
  for (const context of wanted.contexts)
    if (!(await hasContext(access, wanted.application, context))) missingContexts.push(context);
  const missingSounds: string[] = [];
  const watchBridge = (bridgeId: string) => {
    const query = new URLSearchParams({ eventSource: `bridge:${bridgeId}` });
    const path = `/applications/${wanted.application}/subscription?${query}`;
    return ariJson(access, { method: 'POST', path, timeoutMs: answersWithinMs });
  };
  for (const sound of wanted.sounds)
    if (!(await hasSound(telephony, sound, watchBridge))) missingSounds.push(sound);
  return { missingContexts, missingSounds, records: await records(telephony, watchBridge) };
}

/** Asks the dialplan by a channel that is made but never dialled. */
async function hasContext(access: AriAccess, application: string, context: string): Promise<boolean> {
  const channelId = `ringwise-check-${randomUUID()}`;
  const query = new URLSearchParams({ endpoint: `Local/s@${context}`, app: application, channelId });
  const request = (method: 'GET' | 'POST' | 'DELETE', path: string) =>
    ariJson<{ value: string } | undefined>(access, { method, path, timeoutMs: answersWithinMs });
  try {
    await request('POST', `/channels/create?${query}`);
    for (const extension of ['s', '12025550100']) {
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

async function records(telephony: Telephony, watch: WatchBridge): Promise<boolean> {
  const name = `ringwise-check-${randomUUID()}`;
  const bridgeId = name;
  await telephony.createBridge(bridgeId, 'mixing');
  await watch(bridgeId);
  try {
    const finished = waitFor(
      telephony,
      (event) => event.type === 'recording-finished' && event.name === name && !event.failed,
      answersWithinMs,
    );
    await telephony.record(bridgeId, name);
    await telephony.stopRecording(name);
    return await finished;
  } catch {
    return false;
  } finally {
    await telephony.deleteRecording(name);
    await telephony.destroyBridge(bridgeId);
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
