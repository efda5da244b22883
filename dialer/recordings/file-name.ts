import { localTime } from '../../core/time/local-time.ts';
import type { RecordingView } from './recording-view-store.ts';

type Named = Pick<RecordingView, 'id' | 'callId' | 'startedAt' | 'userId' | 'agentUsername'>;

/**
 * Says when, which agent by the name they sign in with, and which call. Nothing of the customer: files are left lying
 * about.
 */
export function fileNameOf(view: Named, zone: string, format: 'wav' | 'mp3'): string {
  const when = localTime(view.startedAt, zone).toFormat('yyyy-MM-dd_HHmmss');
  const agent = plain(view.agentUsername ?? '') || (view.userId === null ? 'none' : String(view.userId));
  return `${when}_agent-${agent}_call-${plain(view.callId)}_${view.id}.${format}`;
}

/** What every file system takes. */
const plain = (text: string): string => text.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
