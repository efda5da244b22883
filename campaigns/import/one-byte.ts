import type { Encoding } from './encoding.ts';

/** The letters beyond ASCII that are frequent in the languages each encoding is for. */
const letters = {
  'windows-1252': 'àâäáãåæçéèêëíìîïñóòôöõøßúùûüÿœÀÂÄÁÅÆÇÉÈÊÍÎÑÓÔÖØÚÜ',
  'windows-1250': 'áąâăäčćçďđéęěëíîłňńóôöőřŕšśșşťțţúůüűýžźżßÁČĎÉĚÍŁŇÓÖŐŘŠŚŤÚŮÜŰÝŽŹŻ',
  'windows-1254': 'çğıöşüâîûÇĞİÖŞÜ',
  'windows-1257': 'āąčćēęėģīįķļņłóōöõšśūųüžżźäĀČĒĢĪĶĻŅŠŪŽÕÄÖÜ',
  'windows-1258': 'ăâđêôơưàảãáéèíìóòúùýĂÂĐÊÔƠƯ',
} as const;
const common = new Map<string, ReadonlySet<string>>(
  Object.entries(letters).map(([encoding, text]) => [encoding, new Set(text)]),
);
const scripts: Readonly<Record<string, RegExp>> = {
  'windows-1251': /\p{Script=Cyrillic}/u,
  'windows-1253': /\p{Script=Greek}/u,
  'windows-1255': /\p{Script=Hebrew}/u,
  'windows-1256': /\p{Script=Arabic}/u,
};
/** Of two Latin ones that read alike, the more widespread. */
const bonus: Readonly<Record<string, number>> = { 'windows-1252': 0.02, 'windows-1250': 0.01 };

export function isOneByte(encoding: Encoding): boolean {
  return encoding.startsWith('windows-');
}

/** How likely it is that somebody wrote this letter after that one, in the languages of the encoding: -1 to 1. */
export function oneByteWeight(character: string, previous: string, encoding: Encoding): number {
  // A capital within a word, as the bytes of another encoding give it.
  const broken = /\p{Ll}/u.test(previous) && /\p{Lu}/u.test(character) ? 0.6 : 0;
  const script = scripts[encoding];
  if (script) {
    if (!script.test(character)) return /\p{L}/u.test(character) ? -0.3 : 0.05;
    // A script does not mix with Latin inside a word, and names begin with a capital where it has them.
    if (/[A-Za-z]/.test(previous)) return -0.2;
    const begins = /\p{Ll}/u.test(character) ? 0.1 : 0.4;
    return (script.test(previous) ? 0.6 : begins) - broken;
  }
  if (!/\p{L}/u.test(character)) return 0.05;
  const runs = previous.charCodeAt(0) >= 0x80 ? 0.25 : 0;
  const known = common.get(encoding)?.has(character) ?? false;
  return (known ? 0.5 : 0.1) + (bonus[encoding] ?? 0) - broken - runs;
}
