/** A chosen file of days is put into the text beside it, where it can be looked at and mended before it is sent. */
for (const input of document.querySelectorAll<HTMLInputElement>('input[type=file][data-into]'))
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    const area = document.getElementById(input.dataset.into ?? '');
    if (!file || !(area instanceof HTMLTextAreaElement)) return;
    void file.text().then((text) => {
      area.value = text;
      area.focus();
    });
  });

export {};
