import type { Customer } from '../customers/customer.ts';
import { parseAddressRegion } from '../customers/address-region.ts';
import { regionCode, regionSpellings } from '../customers/region-words.ts';
import { numberIn, type WalkStep } from './script-walk.ts';
import { destinationOf, type BranchCondition, type ScriptContent } from './script.ts';

/**
 * Whether a customer meets what a branch asks for. Upper and lower case are alike; of nobody known all is empty. Regions are
 * read for the country that is `usual` where the script is used.
 */
export function meets(
  customer: Customer | null,
  { field, operator, value }: Extract<BranchCondition, { on: 'customer' }>,
  usual?: string,
): boolean {
  const is = customer ? valuesOf(customer, field) : [];
  const wanted = ((field === 'addressRegion' && regionCode(value, usual)) || value).trim().toLowerCase();
  const plain = is.map((one) => one.trim().toLowerCase()).filter(Boolean);
  switch (operator) {
    case 'empty':
      return plain.length === 0;
    case 'not-empty':
      return plain.length > 0;
    case 'is':
      return plain.includes(wanted);
    case 'is-not':
      return !plain.includes(wanted);
    case 'contains':
      return wanted !== '' && plain.some((one) => one.includes(wanted));
    default: {
      const limit = numberIn(value);
      return plain.some((one) => {
        const number = numberIn(one);
        if (number === null || limit === null) return false;
        return operator === 'at-least' ? number >= limit : number <= limit;
      });
    }
  }
}

function valuesOf(customer: Customer, field: string): readonly string[] {
  if (field === 'tag') return customer.tags;
  if (field.startsWith('custom.')) return [customer.custom[field.slice('custom.'.length)] ?? ''];
  if (field === 'addressRegion') return placesOf(customer.addressRegion);
  const value = (customer as unknown as Record<string, unknown>)[field];
  return typeof value === 'string' ? [value] : [];
}

/** Who is in a place of a region is in the region, and in its country. */
function placesOf(region: string | null): string[] {
  const address = parseAddressRegion(region);
  if (!region || !address) return region ? [region] : [];
  const { country, subdivision } = address;
  return [region, country, ...(subdivision ? regionSpellings(`${country}-${subdivision}`) : [])];
}

/** The script as it is walked through with that customer. */
export function walkOf(content: ScriptContent, customer: Customer | null, usual?: string): WalkStep[] {
  return content.steps.map((step, index) => {
    const goes = (to: string) => destinationOf(content, index, to) ?? null;
    return {
      id: step.id,
      kind: step.question?.kind ?? null,
      required: step.question?.required ?? false,
      branches: step.branches.map(({ condition, to }) =>
        condition.on === 'answer'
          ? { on: 'answer', operator: condition.operator, value: condition.value, to: goes(to) }
          : { on: 'customer', holds: meets(customer, condition, usual), to: goes(to) },
      ),
      next: goes(step.next),
    };
  });
}
