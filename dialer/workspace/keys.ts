/** What can be done by a key on the workspace. */
export type KeyAction =
  | 'next-action'
  | 'ready'
  | 'pause'
  | 'dial'
  | 'callbacks'
  | 'mute'
  | 'hold'
  | 'park'
  | 'take-up'
  | 'record'
  | 'transfer'
  | 'consult'
  | 'conference'
  | 'complete'
  | 'keypad'
  | 'hangup'
  | 'answer'
  | 'preview-dial'
  | 'preview-skip'
  | 'note'
  | 'save'
  | 'extend'
  | 'step-next'
  | 'step-back'
  | 'question'
  | 'phone'
  | 'list';

/**
 * The key of each action, as KeyboardEvent.code without `Key`: the place on the keyboard, so that it is the same with
 * a Chinese input method on. Alone while no field is being typed in, with Alt anywhere.
 */
export const actionKeys: Readonly<Record<KeyAction, string>> = {
  'next-action': 'X',
  ready: 'R',
  pause: 'P',
  dial: 'C',
  callbacks: 'B',
  mute: 'M',
  hold: 'O',
  park: 'G',
  'take-up': 'U',
  record: 'V',
  transfer: 'F',
  consult: 'W',
  conference: 'J',
  complete: 'L',
  keypad: 'K',
  hangup: 'H',
  answer: 'A',
  'preview-dial': 'D',
  'preview-skip': 'S',
  note: 'N',
  save: 'Ctrl Enter',
  extend: 'E',
  'step-next': 'ArrowRight',
  'step-back': 'ArrowLeft',
  question: 'Q',
  phone: 'T',
  list: '?',
};

const shown: Record<string, string> = { ArrowRight: '→', ArrowLeft: '←', 'Ctrl Enter': 'Ctrl ↵' };

export function keyLabel(action: KeyAction): string {
  const key = actionKeys[action];
  return shown[key] ?? key;
}

/** The list behind `?`, in words of `t`. */
export function keyList(t: (key: string) => string): { keys: string[]; text: string }[] {
  const actions = (Object.keys(actionKeys) as KeyAction[]).map((action) => ({
    keys: [keyLabel(action)],
    text: t(`workspace:keys.${action}`),
  }));
  return [...actions, { keys: ['1', '…', '0'], text: t('workspace:keys.disposition') }];
}
