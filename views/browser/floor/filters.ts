import {
  floorSorts,
  stateGroups,
  type FloorFilter,
  type FloorSort,
  type StateGroup,
} from '../../../dialer/floor/floor-row.ts';
import { need } from '../shared/dom.ts';

/** What is shown and in which order; it stands in the page's address, so that a reload and a link keep it. */
export class Filters {
  readonly #form = need<HTMLFormElement>('.fl-filters');
  readonly #campaign = need<HTMLSelectElement>('[name="campaign"]', this.#form);
  readonly #q = need<HTMLInputElement>('[name="q"]', this.#form);
  readonly #sort = need<HTMLSelectElement>('[name="sort"]', this.#form);
  readonly #clear = need<HTMLButtonElement>('[data-do="clear"]', this.#form);
  readonly #onChange: () => void;
  #state: StateGroup | null = null;
  /** Chosen by the address, before its name was known. */
  #wantedCampaign: string;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    const given = new URLSearchParams(location.search);
    this.#wantedCampaign = given.get('campaign') ?? '';
    this.#q.value = given.get('q') ?? '';
    const sort = given.get('sort') as FloorSort;
    this.#sort.value = floorSorts.includes(sort) ? sort : 'trouble';
    const state = given.get('state');
    if (state === 'trouble' || (state !== null && state in stateGroups)) this.#state = state as StateGroup;
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    this.#form.addEventListener('input', () => this.#changed());
    this.#clear.addEventListener('click', () => this.#empty());
    for (const chip of document.querySelectorAll<HTMLElement>('[data-group]'))
      chip.addEventListener('click', () => {
        const group = chip.dataset.group as StateGroup;
        this.#state = this.#state === group ? null : group;
        this.#changed();
      });
    this.#show();
  }

  get filter(): FloorFilter {
    const campaign = Number(this.#campaign.value || this.#wantedCampaign);
    return { campaign: campaign > 0 ? campaign : null, state: this.#state, q: this.#q.value.trim() };
  }

  get sort(): FloorSort {
    return this.#sort.value as FloorSort;
  }

  /** Campaigns to choose from, by name. */
  offer(campaigns: Readonly<Record<number, string>>, compare: (a: string, b: string) => number): void {
    const chosen = this.#campaign.value || this.#wantedCampaign;
    const [all] = this.#campaign.options;
    const options = Object.entries(campaigns)
      .sort(([, a], [, b]) => compare(a, b))
      .map(([id, name]) => new Option(name, id, false, id === chosen));
    this.#campaign.replaceChildren(...(all ? [all] : []), ...options);
    this.#campaign.value = campaigns[Number(chosen)] === undefined ? '' : chosen;
    this.#wantedCampaign = '';
    this.#show();
  }

  #empty(): void {
    this.#form.reset();
    this.#campaign.value = '';
    this.#q.value = '';
    this.#sort.value = 'trouble';
    this.#state = null;
    this.#changed();
  }

  #changed(): void {
    const params = new URLSearchParams();
    if (this.#campaign.value) params.set('campaign', this.#campaign.value);
    if (this.#state) params.set('state', this.#state);
    if (this.#q.value.trim()) params.set('q', this.#q.value.trim());
    if (this.sort !== 'trouble') params.set('sort', this.sort);
    const query = params.toString();
    history.replaceState(null, '', query ? `?${query}` : location.pathname);
    this.#show();
    this.#onChange();
  }

  #show(): void {
    for (const chip of document.querySelectorAll<HTMLElement>('[data-group]'))
      chip.setAttribute('aria-pressed', String(chip.dataset.group === this.#state));
    const { campaign, state, q } = this.filter;
    this.#clear.hidden = campaign === null && state === null && q === '' && this.sort === 'trouble';
  }
}
