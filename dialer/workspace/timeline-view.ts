import { formatDate, formatDuration, formatPhone } from '../../core/i18n/index.ts';
import type { RequestContext } from '../../core/http/index.ts';
import {
  answersTold,
  callbackEnd,
  callbackKey,
  dncReason,
  howGiven,
  type TimelineEntry,
} from '../../crm/index.ts';

export interface TimelineLine {
  icon: string;
  text: string;
  detail: string | null;
  at: number;
  by: string | null;
}

const icons: Record<TimelineEntry['kind'], string> = {
  created: 'user-plus',
  import: 'file-import',
  edit: 'pencil',
  note: 'note',
  call: 'phone',
  disposition: 'clipboard-check',
  answers: 'messages',
  callback: 'calendar-time',
  dnc: 'ban',
  merge: 'git-merge',
};

/** What happened with the customer, in short lines for the eye during a call. */
export function timelineLines(
  context: RequestContext,
  entries: readonly TimelineEntry[],
  userNames: ReadonlyMap<number, string>,
): TimelineLine[] {
  return entries.map((entry) => ({
    icon: icons[entry.kind] ?? 'point',
    ...wordsOf(context, entry),
    at: entry.at,
    by: entry.userId === null ? null : (userNames.get(entry.userId) ?? null),
  }));
}

function wordsOf(context: RequestContext, entry: TimelineEntry): { text: string; detail: string | null } {
  const { t } = context;
  const data = entry.data as Record<string, unknown>;
  const line = (key: string, params: Record<string, unknown> = {}) => t(`workspace:timeline.${key}`, params);
  switch (entry.kind) {
    case 'note':
      return { text: line(howGiven('note', data)), detail: textOf(data.text) };
    case 'call': {
      const talked = typeof data.talkMs === 'number' && data.talkMs > 0 ? formatDuration(data.talkMs) : null;
      const outcome = t(`workspace:outcome.${textOf(data.outcome) ?? 'failed'}`);
      const number = textOf(data.e164);
      const facts = [talked, number && formatPhone(number), textOf(data.campaignName)].filter(Boolean);
      return {
        text: line(data.direction === 'in' ? 'callIn' : 'callOut', { outcome }),
        detail: facts.join(' · '),
      };
    }
    case 'disposition': {
      const name = (data.names as Record<string, string> | undefined)?.[context.locale] ?? textOf(data.code);
      return {
        text: line(howGiven('disposition', data), { name }),
        detail: textOf(data.note),
      };
    }
    case 'answers':
      return {
        text: line('answers', { name: textOf(data.scriptName) ?? '' }),
        detail: textOf(answersTold(context, data)),
      };
    case 'callback': {
      const due = typeof data.dueAt === 'number' ? formatDate(data.dueAt, 'datetime', context) : '';
      const detail = textOf(data.note) ?? textOf(callbackEnd(context, data));
      return { text: line(callbackKey(data), { due }), detail };
    }
    case 'dnc': {
      const number = formatPhone(textOf(data.e164) ?? '');
      return {
        text: line(data.action === 'removed' ? 'dncRemoved' : 'dncAdded', { number }),
        detail: textOf(dncReason(context, data)),
      };
    }
    case 'import':
      return { text: line('import', { list: textOf(data.listName) ?? '' }), detail: null };
    default:
      return { text: line(entry.kind), detail: null };
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
