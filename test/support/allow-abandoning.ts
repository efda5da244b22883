import type { App } from '../../core/app.ts';
import { loadCatalogue } from '../../campaigns/compliance/index.ts';
import { createRuleVersionStore } from '../../campaigns/compliance/rulebook/rule-version-store.ts';

/**
 * Some law lets everybody be abandoned, so that a campaign's own cap binds its pacer. The gate goes by the laws of the
 * numbers as before.
 */
export async function allowAbandoning(app: Pick<App, 'db' | 'bus' | 'clock'>): Promise<void> {
  const { form } = loadCatalogue().get('intl.policy')!;
  const at = app.clock.now();
  await createRuleVersionStore(app).add({
    ...{ name: 'intl.policy', form: { ...form, abandon_cap: 1 }, loosens: false },
    ...{ effectiveAt: at, note: 'any cap', by: null, at },
  });
}
