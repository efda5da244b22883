/** Opens links beside the workspace while the phone is in use: leaving the page would hang it up. */
export function keepPhoneOnLinks(inUse: () => boolean): void {
  document.addEventListener('click', (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>('a[href]');
    if (!link || event.defaultPrevented || link.target || link.getAttribute('href')?.startsWith('#')) return;
    if (link.origin !== location.origin || link.pathname === location.pathname || !inUse()) return;
    event.preventDefault();
    window.open(link.href, '_blank', 'noopener');
  });
}
