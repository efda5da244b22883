/** Choosing a country proposes its time zone, where it has one and nobody has chosen another. */
export function zoneOfCountry(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-zones]');
  const country = form?.querySelector<HTMLSelectElement>('[name="defaultCountry"]');
  const zone = form?.querySelector<HTMLSelectElement>('[name="zone"]');
  if (!form || !country || !zone) return;
  const zones = new Map(form.dataset.zones!.split(' ').map((each) => each.split('=') as [string, string]));
  const first = zone.value;
  let isChosen = false;
  zone.addEventListener('change', () => (isChosen = true));
  country.addEventListener('change', () => {
    if (isChosen) return;
    zone.value = zones.get(country.value) ?? first;
    if (zone.selectedIndex < 0) zone.value = first;
  });
}
