/** A typed number in E.164: spaces, dots, dashes and brackets are for the eye; 00 is a way to write +. */
export function e164Of(text: string): string | null {
  const plain = text
    .normalize('NFKC')
    .replace(/[\s().\-/·]/g, '')
    .replace(/^00/, '+')
    .replace(/^\+\+/, '+');
  return /^\+[1-9]\d{5,14}$/.test(plain) ? plain : null;
}
