const ended = /[.!?…。！？][”’")）」』]*$/;

/**
 * Texts of which each is a sentence, one after the other as that language writes them: a missing full stop is put
 * behind, and Chinese has nothing between. Empty ones are left out.
 */
export function joinSentences(texts: readonly string[], locale: string): string {
  const chinese = locale.startsWith('zh');
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => (ended.test(text) ? text : text + (chinese ? '。' : '.')))
    .join(chinese ? '' : ' ');
}
