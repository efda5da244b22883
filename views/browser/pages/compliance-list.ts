import { need, pageData } from '../shared/dom.ts';
import './compliance-upload.ts';

/** A list in force, as the server tells it. */
interface InForce {
  kind: string;
  country: string;
  name: string;
  areas: string[];
}

const { inForce } = pageData<{ inForce: InForce[] }>()!;
const form = need<HTMLFormElement>('#upload');
const field = (name: string) => need<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`, form);
const areas = field('areas');
const key = ['kind', 'country', 'name'] as const;
/** What stands there because of the name, and not because somebody typed it. */
let filled = '';

/** A new edition speaks of what the one in force does, until somebody says otherwise. */
function fill(): void {
  if (areas.value !== filled) return;
  const same = inForce.find((list) => key.every((name) => list[name] === field(name).value.trim()));
  areas.value = filled = same?.areas.join(' ') ?? '';
}

for (const name of key) field(name).addEventListener('input', fill);
