import { z } from 'zod';
import { createList, sliceOf, type ListRequest, type RequestContext } from '../../../core/http/index.ts';
import type { RuleCatalogue } from '../rules/catalogue.ts';
import { confidenceWords, placeOf, sourceName } from './rule-words.ts';
import type { RuleVersion } from './rule-version.ts';

export interface ShownRuleSet {
  name: string;
  place: string;
  source: string;
  confidence: string;
  version: string;
  /** When what people wrote came into force; null: as shipped. */
  since: number | null;
}

const filters = z.object({ q: z.string().trim().max(60).optional() });

export const ruleList = createList<ShownRuleSet, typeof filters>({
  file: 'rule-sets',
  exported: null,
  columns: [
    { key: 'place', labelKey: 'compliance:rules.place', value: (row) => row.place, sortable: true },
    {
      key: 'name',
      labelKey: 'compliance:rules.name',
      value: (row) => row.name,
      sortable: true,
      partial: 'compliance/rule-name-cell',
    },
    {
      key: 'source',
      labelKey: 'compliance:rules.fields.source',
      value: (row) => row.source,
      sortable: true,
    },
    {
      key: 'confidence',
      labelKey: 'compliance:rules.fields.confidence',
      value: (row) => row.confidence,
      sortable: true,
    },
    { key: 'version', labelKey: 'compliance:rules.version', value: (row) => row.version, sortable: true },
    {
      key: 'since',
      labelKey: 'compliance:rules.since',
      value: (row) => row.since,
      format: 'datetime',
      sortable: true,
      partial: 'compliance/rule-since-cell',
    },
  ],
  sort: { column: 'place', direction: 'asc' },
  filters,
  empty: { titleKey: 'compliance:rules.title', textKey: 'compliance:rules.lead' },
});

/** The sets that hold, with what people made of them since. */
export function shownRuleSets(
  catalogue: RuleCatalogue,
  holding: ReadonlyMap<string, RuleVersion>,
  context: Pick<RequestContext, 't' | 'locale'>,
): ShownRuleSet[] {
  return catalogue.names.map((name) => {
    const { form, version } = catalogue.get(name)!;
    return {
      ...{ name, version, source: sourceName(form.source), place: placeOf(name, context) },
      confidence: confidenceWords(form.confidence, context),
      since: holding.get(name)?.effectiveAt ?? null,
    };
  });
}

export function ruleSlice(
  sets: readonly ShownRuleSet[],
  request: ListRequest<z.output<typeof filters>>,
  locale: string,
) {
  const wanted = request.filters.q?.toLocaleLowerCase(locale) ?? '';
  const found = sets.filter(({ place, name, source }) =>
    [place, name, source].some((text) => text.toLocaleLowerCase(locale).includes(wanted)),
  );
  return sliceOf(found, request, (row, column) => row[column as keyof ShownRuleSet], locale);
}
