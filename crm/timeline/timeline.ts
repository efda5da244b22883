export const timelineKinds = [
  'created',
  'import',
  'edit',
  'note',
  'call',
  'disposition',
  'answers',
  'callback',
  'dnc',
  'merge',
] as const;
export type TimelineKind = (typeof timelineKinds)[number];

/** One thing that happened with a customer. */
export interface TimelineEntry {
  readonly id: number;
  readonly customerId: number;
  readonly at: number;
  readonly kind: TimelineKind;
  /** Who did it; null for the product itself. */
  readonly userId: number | null;
  readonly callId: string | null;
  /**
   * What its kind needs to be told in the reader's language (`crm:timeline.<kind>`):
   * note {text} · call {direction, outcome, campaignId, campaignName, e164, talkMs, recordingId?} ·
   * disposition {code, category, names, note?, campaignName?} · callback {dueAt, mine, note?, timeAgreed?} or {dueAt, action: 'cancelled', reason? | code?} ·
   * answers {scriptName, version, answers: ToldAnswer[]} ·
   * dnc {action: 'added'|'removed', e164, reason, names?} · edit {fields: string[]} ·
   * import {importId, listId, listName, fileName, undone?} ·
   * merge {fromId}.
   */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface NewTimelineEntry {
  readonly customerId: number;
  readonly at: number;
  readonly kind: TimelineKind;
  readonly userId?: number | null;
  readonly callId?: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
