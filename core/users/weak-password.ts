/** Rows of keys and the two orders everybody knows: pieces of them, either way round, are no secret. */
const orders = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1q2w3e4r5t6y7u8i9o0p', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p']; // prettier-ignore
/** What the commonest passwords are made of; with digits and signs around them they are tried first. */
const common = ['password', 'passwort', 'passwd', 'welcome', 'letmein', 'iloveyou', 'admin', 'administrator', 'changeme', 'secret', 'login', 'hello', 'princess', 'sunshine', 'football', 'baseball', 'superman', 'batman', 'dragon', 'monkey', 'master', 'shadow', 'michael', 'charlie', 'trustno', 'whatever', 'starwars', 'freedom', 'computer', 'internet', 'summer', 'winter', 'spring', 'autumn', 'january', 'monday', 'woaini', 'mima', 'taiwan', 'china', 'callcenter', 'callcentre', 'ringwise', 'test', 'guest', 'user', 'root', 'qwerty', 'asdf', 'abc', 'qaz', 'wsx', 'zxc']; // prettier-ignore
const leet: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' }; // prettier-ignore

const shortestName = 4;
/** So many letters and digits have to be left that are nothing of the above. */
const leastOwn = 4;

export type Weakness = 'common' | 'name';

/** Whether a password is among the first that anybody would try: `names` are the account's and its owner's. */
export function weaknessOf(password: string, names: readonly string[]): Weakness | null {
  const text = password.toLowerCase();
  // A year or a sign behind a word stands for nothing; within it they stand for letters.
  const plain = [...text.replace(/[\d\p{P}\p{S}]+$/u, '')].map((sign) => leet[sign] ?? sign).join('');
  const parts = names.flatMap((name) => [name, ...name.split(/[\s._@-]+/)]).map((name) => name.toLowerCase());
  if (parts.some((part) => part.length >= shortestName && (text.includes(part) || plain.includes(part))))
    return 'name';
  const forms = common.some((word) => plain.includes(word)) ? [text, plain] : [text];
  return forms.some((form) => ownPart(form).length < leastOwn) ? 'common' : null;
}

/** What is left without common words, runs, repetitions and signs; digits count only among letters of one's own. */
function ownPart(text: string): string {
  let left = text;
  for (const word of [...common].sort((a, b) => b.length - a.length)) left = left.replaceAll(word, ' ');
  left = left.replace(/(.)\1{2,}/gu, '$1').replace(/^(.{1,5}?)\1+$/u, '$1');
  const runs = new RegExp(orders.flatMap((order) => [order, [...order].reverse().join('')]).flatMap(piecesOf).join('|'), 'g'); // prettier-ignore
  left = left.replace(runs, ' ').replace(/[^\p{L}\p{N}]+/gu, ' ');
  const letters = left.replace(/[\d\s]+/g, '');
  return letters === '' && /^[\d\s]*$/.test(left) && new Set(left.replace(/\s/g, '')).size < leastOwn ? '' : left.replace(/\s/g, ''); // prettier-ignore
}

/** From the longest on, so that a run goes as a whole. */
function piecesOf(order: string): string[] {
  const pieces: string[] = [];
  for (let length = order.length; length >= 4; length--)
    for (let from = 0; from + length <= order.length; from++) pieces.push(order.slice(from, from + length));
  return pieces;
}
