import type { Locale } from '../../core/i18n/index.ts';

export const dispositionCategories = [
  'sale',
  'interested',
  'callback',
  'no_decision',
  'refused',
  'wrong_person',
  'dnc',
  'other',
] as const;
export type DispositionCategory = (typeof dispositionCategories)[number];

/** Who was on the line, as whoever gives the disposition has heard: what machine detection is measured by. */
export const answeredBys = ['person', 'machine'] as const;
export type AnsweredBy = (typeof answeredBys)[number];

/** The outcome an agent gives to a call. */
export interface Disposition {
  readonly id: number;
  readonly code: string;
  readonly names: Readonly<Record<Locale, string>>;
  readonly category: DispositionCategory;
  /** The person spoken to was the one who was meant. */
  readonly rightParty: boolean;
  /** Null: it says nothing of it. */
  readonly answeredBy: AnsweredBy | null;
  /** The lead is finished. */
  readonly final: boolean;
  /** Try again after so long; null: the campaign's rule. */
  readonly retryMinutes: number | null;
  readonly hotkey: string | null;
  readonly position: number;
  readonly active: boolean;
  /** When it was first given to a call, epoch ms; null: never. */
  readonly usedAt: number | null;
}

export type NewDisposition = Omit<Disposition, 'id' | 'usedAt'>;

const names = (en: string, cn: string, tw: string) => ({ en, 'zh-CN': cn, 'zh-TW': tw });
const base = {
  rightParty: true,
  answeredBy: 'person',
  final: false,
  retryMinutes: null,
  active: true,
} as const;

/** What every installation starts with; hotkeys are pressed with Alt. */
export const seedDispositions: readonly NewDisposition[] = [
  { ...base, code: 'sale', names: names('Sale', '成交', '成交'), category: 'sale', final: true, hotkey: '1' },
  {
    ...base,
    code: 'interested',
    names: names('Interested', '有意向', '有意願'),
    category: 'interested',
    retryMinutes: 2880,
    hotkey: '2',
  },
  {
    ...base,
    code: 'callback',
    names: names('Callback', '预约回拨', '預約回撥'),
    category: 'callback',
    hotkey: '3',
  },
  {
    ...base,
    code: 'no_decision',
    names: names('No decision', '再考虑', '再考慮'),
    category: 'no_decision',
    retryMinutes: 4320,
    hotkey: '4',
  },
  {
    ...base,
    code: 'refused',
    names: names('Refused', '拒绝', '拒絕'),
    category: 'refused',
    final: true,
    hotkey: '5',
  },
  {
    ...base,
    code: 'wrong_person',
    names: names('Wrong person', '非本人', '非本人'),
    category: 'wrong_person',
    rightParty: false,
    final: true,
    hotkey: '6',
  },
  {
    ...base,
    code: 'not_available',
    names: names('Not available', '本人不在', '本人不在'),
    category: 'no_decision',
    rightParty: false,
    retryMinutes: 240,
    hotkey: '7',
  },
  {
    ...base,
    code: 'voicemail',
    names: names('Voicemail', '语音信箱', '語音信箱'),
    category: 'other',
    rightParty: false,
    answeredBy: 'machine',
    retryMinutes: 240,
    hotkey: '8',
  },
  {
    ...base,
    code: 'language',
    names: names('Other language needed', '语言不通', '語言不通'),
    category: 'other',
    rightParty: false,
    retryMinutes: 1440,
    hotkey: '9',
  },
  {
    ...base,
    code: 'do_not_call',
    names: names('Do not call again', '要求免打扰', '要求謝絕來電'),
    category: 'dnc',
    final: true,
    hotkey: '0',
  },
  {
    ...base,
    code: 'nobody_spoke',
    names: names('Nobody spoke, or hung up at once', '接通无声或立即挂断', '接通無聲或立即掛斷'),
    category: 'other',
    rightParty: false,
    answeredBy: null,
    retryMinutes: 240,
    hotkey: null,
  },
].map((disposition, position) => ({ ...disposition, position })) as readonly NewDisposition[];
