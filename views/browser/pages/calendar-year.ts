/** A chosen file of days is put into the text beside it, where it can be looked at and mended before it is sent. */
for (const input of document.querySelectorAll<HTMLInputElement>('input[type=file][data-into]'))
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    const area = document.getElementById(input.dataset.into ?? '');
    if (!file || !(area instanceof HTMLTextAreaElement)) return;
    void file.arrayBuffer().then((bytes) => {
      area.value = textOf(bytes);
      area.focus();
    });
  });

/** Lists of days come from offices: Unicode, or what Windows writes in the reader's language. */
function textOf(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const { lang } = document.documentElement;
    const local = { 'zh-CN': 'gb18030', 'zh-TW': 'big5' }[lang] ?? 'windows-1252';
    return new TextDecoder(local).decode(bytes);
  }
}

export {};
