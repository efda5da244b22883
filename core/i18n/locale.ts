export const locales = ['en', 'zh-CN', 'zh-TW'] as const;

/** A language the product speaks, as a BCP 47 tag. */
export type Locale = (typeof locales)[number];

/** Each language by its own name, for the language switch. */
export const localeNames: Record<Locale, string> = {
  en: 'English',
  'zh-CN': '简体中文',
  'zh-TW': '繁體中文',
};

const traditional = new Set(['hant', 'tw', 'hk', 'mo']);

/** The product's language for a BCP 47 tag, or null when it speaks none for it. zh-HK and zh-Hant are zh-TW. */
export function toLocale(tag: string | null | undefined): Locale | null {
  if (!tag) return null;
  const parts = tag.trim().toLowerCase().split(/[-_]/);
  if (parts[0] === 'en') return 'en';
  if (parts[0] === 'yue') return parts.includes('hans') ? 'zh-CN' : 'zh-TW';
  if (parts[0] !== 'zh') return null;
  if (parts.includes('hans')) return 'zh-CN';
  return parts.slice(1).some((part) => traditional.has(part)) ? 'zh-TW' : 'zh-CN';
}

/** The first language of an Accept-Language header that the product speaks, by weight. */
export function negotiateLocale(header: string | undefined): Locale | null {
  const wanted = (header ?? '')
    .split(',')
    .map((part, index) => {
      const [tag, ...params] = part.trim().split(';');
      const q = params.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find(Boolean);
      return { tag, weight: q === undefined ? 1 : Number(q), index };
    })
    .filter((entry) => entry.weight > 0)
    .sort((a, b) => b.weight - a.weight || a.index - b.index);
  for (const { tag } of wanted) {
    const locale = toLocale(tag);
    if (locale) return locale;
  }
  return null;
}
