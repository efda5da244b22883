const named: Readonly<Record<string, string>> = {
  english: 'en',
  en: 'en',
  英语: 'en',
  英文: 'en',
  英語: 'en',
  chinese: 'zh-CN',
  mandarin: 'zh-CN',
  simplifiedchinese: 'zh-CN',
  zh: 'zh-CN',
  中文: 'zh-CN',
  汉语: 'zh-CN',
  普通话: 'zh-CN',
  简体中文: 'zh-CN',
  國語: 'zh-TW',
  国语: 'zh-TW',
  繁體中文: 'zh-TW',
  繁体中文: 'zh-TW',
  traditionalchinese: 'zh-TW',
  cantonese: 'yue',
  粤语: 'yue',
  粵語: 'yue',
  广东话: 'yue',
  廣東話: 'yue',
  japanese: 'ja',
  日语: 'ja',
  日文: 'ja',
  日語: 'ja',
  korean: 'ko',
  韩语: 'ko',
  韓語: 'ko',
  spanish: 'es',
  español: 'es',
  french: 'fr',
  français: 'fr',
  german: 'de',
  deutsch: 'de',
};

/** A BCP 47 tag for what a column says; null when it says nothing that is known. */
export function languageTag(text: string): string | null {
  const plain = text.trim().replace(/_/g, '-');
  if (plain === '') return null;
  const known = named[plain.toLowerCase().replace(/[\s-]/g, '')];
  if (known) return known;
  try {
    const tag = Intl.getCanonicalLocales(plain)[0];
    return tag && tag.length <= 10 && /^[a-z]{2,3}(-|$)/.test(tag) ? tag : null;
  } catch {
    return null;
  }
}
