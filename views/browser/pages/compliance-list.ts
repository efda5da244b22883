import { namesMeant, type NamedList } from '../../../campaigns/compliance/scrubs/list-names.ts';
import { need, pageData } from '../shared/dom.ts';
import { say } from '../shared/words.ts';
import { fail } from './compliance-upload.ts';

/** A list in force, as the server tells it. */
interface InForce extends NamedList {
  areas: string[];
}

const { inForce, named } = pageData<{ inForce: InForce[]; named: NamedList[] }>()!;
const form = need<HTMLFormElement>('#upload');
const field = (name: string) => need<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`, form);
const areas = field('areas');
const key = ['kind', 'country', 'name'] as const;
const question = need<HTMLFieldSetElement>('#beside', form);
const other = need<HTMLInputElement>('[name="beside"]', question);
const choices = [...question.querySelectorAll<HTMLInputElement>('[name="replaces"]')];
const changes = form.querySelector<HTMLSelectElement>('[name="changesOf"]');
/** What stands there because of the name, and not because somebody typed it. */
let filled = '';

const typed = (): NamedList => ({
  kind: field('kind').value,
  country: field('country').value,
  name: field('name').value.trim(),
});

/** A new edition speaks of what the one in force does, until somebody says otherwise. */
function fill(): void {
  if (areas.value !== filled) return;
  const same = inForce.find((list) => key.every((name) => list[name] === typed()[name]));
  areas.value = filled = same?.areas.join(' ') ?? '';
}

function offer(): void {
  const { kind, country } = typed();
  const names = named.filter((list) => list.kind === kind && list.country === country);
  need('#names-in-force', form).replaceChildren(...names.map(({ name }) => new Option(name)));
}

/** A name that is almost one in force: is it that one, or another register? */
function ask(): void {
  const meant = changes?.value ? [] : namesMeant(typed(), named).map(({ name }) => name);
  for (const choice of choices) {
    choice.closest('label')!.hidden = !meant.includes(choice.value);
    choice.checked = false;
  }
  const asked = meant.length > 0;
  if (!asked || question.hidden) other.checked = false;
  other.disabled = question.hidden = !asked;
}

for (const choice of choices)
  choice.addEventListener('change', () => {
    const name = field('name');
    name.value = choice.value;
    name.focus();
    fill();
    ask();
  });
for (const name of key)
  field(name).addEventListener('input', () => {
    other.checked = false;
    fill();
    offer();
    // While a name is typed it resembles many: it is asked about when it is there.
    if (!question.hidden) ask();
  });
for (const one of [...key.map(field), changes]) one?.addEventListener('change', ask);
form.addEventListener(
  'submit',
  (event) => {
    if (!other.checked) ask();
    if (question.hidden || other.checked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    fail(say('beside'), question.querySelector<HTMLElement>('label:not([hidden]) input'));
  },
  { capture: true },
);
offer();
