/**
 * Whether a key pressed with Alt writes, or moves, in the field it is pressed in. On Apple's keyboards it does: Option and
 * M make `µ`, and with an arrow it goes by words; only where it leaves a letter or digit what it is, it is for the page.
 */
export function makesText({ key, code }: { key: string; code: string }, platform: string): boolean {
  if (!/^(?:Mac|iP)/.test(platform)) return false;
  const [, letter, digit] = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code) ?? [];
  return key.toUpperCase() !== (letter ?? digit);
}
