import { howGiven } from './how-given.ts';
import type { RequestContext } from '../../core/http/index.ts';
import { formatDate, formatDuration, formatPhone } from '../../core/i18n/index.ts';
import { answerLines, type ToldAnswer } from '../script/answer-lines.ts';
import type { TimelineEntry, TimelineKind } from './timeline.ts';

export interface TimelineItem {
  readonly id: number;
  readonly at: number;
  readonly icon: string;
  readonly kind: TimelineKind;
  readonly title: string;
  /** A second line: what was said, the number, why. */
  readonly detail: string;
  readonly who: string;
}

const icons: Readonly<Record<TimelineKind, string>> = {
  created: 'user-plus',
  import: 'file-import',
  edit: 'pencil',
  note: 'note',
  call: 'phone',
  disposition: 'clipboard-check',
  answers: 'messages',
  callback: 'calendar-time',
  dnc: 'phone-off',
  merge: 'arrows-join',
};

/** The timeline in the reader's words. `names` are those of the users who appear in it. */
export function timelineItems(
  context: RequestContext,
  entries: readonly TimelineEntry[],
  names: ReadonlyMap<number, string>,
): TimelineItem[] {
  return entries.map((entry) => ({
    id: entry.id,
    at: entry.at,
    kind: entry.kind,
    icon: icons[entry.kind] ?? 'point',
    who: entry.userId === null ? '' : (names.get(entry.userId) ?? ''),
    ...told(context, entry),
  }));
}

/** Why a number went onto the DNC list: a disposition's name, the opt-out digit, or what somebody wrote. */
export function dncReason({ t, locale }: RequestContext, data: Readonly<Record<string, unknown>>): string {
  const names = data.names as Record<string, string> | undefined;
  if (data.reason === 'opt-out') return t('crm:timeline.optOut');
  return names?.[locale] ?? (typeof data.reason === 'string' ? data.reason : '');
}

/** `crm:timeline.<key>`, and as well `workspace:timeline.<key>`. */
export function callbackKey({ action, timeAgreed }: Readonly<Record<string, unknown>>): string {
  if (action === 'cancelled') return 'callbackCancelled';
  return timeAgreed === false ? 'callbackUndated' : 'callback';
}

/** What a customer has answered, a line for each question. */
export function answersTold(
  context: Pick<RequestContext, 't' | 'locale'>,
  { answers }: Readonly<Record<string, unknown>>,
): string {
  const told = Array.isArray(answers) ? (answers as ToldAnswer[]) : [];
  return answerLines(context, told)
    .map(({ question, answer }) => `${question} ${answer}`)
    .join('\n');
}

/** Why a promised callback is not kept: what somebody wrote, or what the gate said. */
export function callbackEnd({ t }: RequestContext, data: Readonly<Record<string, unknown>>): string {
  if (typeof data.code === 'string') return t(`crm:timeline.callbackEnds.${data.code}`);
  return typeof data.reason === 'string' ? data.reason : '';
}

function told(context: RequestContext, entry: TimelineEntry): { title: string; detail: string } {
  const { t, locale } = context;
  const { data } = entry;
  const word = (key: string) => (typeof data[key] === 'string' ? data[key] : '');
  const phone = word('e164') ? formatPhone(word('e164')) : '';
  const joined = (...parts: string[]) => parts.filter(Boolean).join(' · ');
  switch (entry.kind) {
    case 'note':
      return {
        title: t(`crm:timeline.${howGiven('note', data)}`),
        detail: word('text'),
      };
    case 'call': {
      const talk = Number(data.talkMs ?? 0);
      return {
        title: t(data.direction === 'in' ? 'crm:timeline.callIn' : 'crm:timeline.callOut', {
          outcome: t(`crm:outcomes.${word('outcome') || 'failed'}`),
        }),
        detail: joined(
          talk > 0 ? t('crm:timeline.talked', { time: formatDuration(talk) }) : '',
          phone,
          word('campaignName'),
        ),
      };
    }
    case 'disposition': {
      const names = (data.names ?? {}) as Record<string, string>;
      return {
        title: t(`crm:timeline.${howGiven('disposition', data)}`, {
          name: names[locale] ?? names.en ?? word('code'),
        }),
        detail: joined(word('campaignName'), word('note')),
      };
    }
    case 'answers':
      return {
        title: t('crm:timeline.answers', { name: word('scriptName') }),
        detail: answersTold(context, data),
      };
    case 'callback':
      return {
        title: t(`crm:timeline.${callbackKey(data)}`, {
          at: formatDate(Number(data.dueAt ?? 0), 'datetime', context),
        }),
        detail: word('note') || callbackEnd(context, data),
      };
    case 'dnc':
      return {
        title: t(data.action === 'removed' ? 'crm:timeline.dncRemoved' : 'crm:timeline.dncAdded', { phone }),
        detail: dncReason(context, data),
      };
    case 'import':
      return {
        title: t(data.undone === true ? 'crm:timeline.importUndone' : 'crm:timeline.import', {
          list: word('listName'),
        }),
        detail: word('fileName'),
      };
    case 'edit': {
      const fields = Array.isArray(data.fields) ? (data.fields as string[]) : [];
      return {
        title: t('crm:timeline.edit'),
        detail: fields.map((field) => t(`crm:fields.${field}`)).join(t('crm:listSeparator')),
      };
    }
    default:
      return { title: t(`crm:timeline.${entry.kind}`), detail: '' };
  }
}
