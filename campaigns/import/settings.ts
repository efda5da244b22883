import { z } from 'zod';
import type { SettingsGroup } from '../../core/http/index.ts';
import type { SettingDefinition } from '../../core/settings/settings.ts';

/** The largest file that may be loaded, in megabytes. */
export const importLimit: SettingDefinition<number> = {
  key: 'import.maxMegabytes',
  schema: z.number().int().min(1).max(4096),
  fallback: 512,
};

export const importSettings: SettingsGroup[] = [
  {
    key: 'import',
    labelKey: 'campaigns:settings.import',
    helpKey: 'campaigns:settings.importHelp',
    order: 210,
    fields: [
      {
        definition: importLimit,
        labelKey: 'campaigns:settings.importLimit',
        helpKey: 'campaigns:settings.importLimitHelp',
        input: 'number',
        unitKey: 'campaigns:units.megabytes',
      },
    ],
  },
];
