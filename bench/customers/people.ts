import type { CustomerFields } from '../../crm/index.ts';

/** A seeded generator (xorshift), so that every run measures the same people. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

const syllables =
  'an,ber,chan,da,el,fer,gus,hol,in,jo,kar,lin,mar,no,ol,per,qui,ros,son,ta,ul,ver,win,yo,zel'.split(',');
const families = [...'王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾'];
const given = [...'明偉芳娜秀英敏靜麗強磊軍洋勇豔傑娟濤超平剛桂華建國文輝玲志宏雅婷怡君家豪冠宇'];

/**
 * Invented people, a third with names in Chinese script. Frequencies fall as in real lists: the commonest family name
 * has a few per cent of all, most names are rare. Numbers are made up and never dialled.
 */
export function people(count: number, seed = 7): Generator<CustomerFields> {
  const random = seeded(seed);
  /** Prefers small numbers, as names do: rank r about 1/r as often as the first. */
  const ranked = (size: number) => Math.min(size - 1, Math.floor(size ** random()) - 1);
  const word = (rank: number) => {
    let text = '';
    for (let rest = rank + 25; rest > 0; rest = Math.floor(rest / 25)) text += syllables[rest % 25]!;
    return text[0]!.toUpperCase() + text.slice(1);
  };
  function* make(): Generator<CustomerFields> {
    for (let index = 0; index < count; index++) {
      const chinese = random() < 0.34;
      const name = chinese
        ? families[ranked(families.length)]! +
          given[Math.floor(random() * given.length)]! +
          given[Math.floor(random() * given.length)]!
        : `${word(ranked(2_000))} ${word(ranked(40_000))}`;
      const e164 = chinese
        ? `+8613${String(Math.floor(random() * 1e9)).padStart(9, '0')}`
        : `+1${200 + Math.floor(random() * 700)}${String(Math.floor(random() * 1e7)).padStart(7, '0')}`;
      yield {
        name,
        salutation: null,
        externalId: index % 3 === 0 ? `C-${index}` : null,
        language: chinese ? 'zh-CN' : 'en',
        company: null,
        email: null,
        address: null,
        addressRegion: chinese ? 'CN' : 'US-NY-10001',
        custom: {},
        phones: [{ e164, type: 'mobile' }],
        tags: [],
      };
    }
  }
  return make();
}
