import type { App } from '../../core/app.ts';

/** A player asks for many pieces, and again after a pause: within this they are one listening. */
const oneListeningMs = 5 * 60_000;

/**
 * Who listened to what, in the audit: one row for each person and recording in some minutes, whichever pieces of it
 * were asked for. Each process keeps its own memory: behind several, a listening may be written once by each.
 */
export function createListeningRecord(app: Pick<App, 'audit' | 'clock'>) {
  const since = new Map<string, number>();

  return {
    async record(userId: number, recordingId: number, ip?: string): Promise<void> {
      const now = app.clock.now();
      for (const [key, at] of since) {
        if (now - at < oneListeningMs) break; // The oldest stand first.
        since.delete(key);
      }
      const key = `${userId}-${recordingId}`;
      if (since.has(key)) return;
      since.set(key, now);
      try {
        const what = { action: 'recording.played', entity: 'recordings', entityId: recordingId };
        await app.audit.record({ userId, ip, ...what });
      } catch (error) {
        since.delete(key);
        throw error;
      }
    },
  };
}
