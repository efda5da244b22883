let words: Record<string, string> | undefined;

/** The words of the page (`words` of its data), with `{{params}}` put in. An unknown key comes back as itself. */
export function say(key: string, params: Record<string, string | number> = {}): string {
  words ??= JSON.parse(document.getElementById('page-words')?.textContent ?? '{}') as Record<string, string>;
  const text = words[key] ?? key;
  return text.replace(/\{\{\s*(\w+)[^}]*\}\}/g, (_all, name: string) => {
    const value = params[name];
    return typeof value === 'number' ? value.toLocaleString(document.documentElement.lang) : (value ?? '');
  });
}
