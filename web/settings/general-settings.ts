import { z } from 'zod';
import type { SettingsGroup } from '../../core/http/index.ts';
import type { SettingDefinition } from '../../core/settings/settings.ts';

/** Shown beside the product's name. */
export const organisation: SettingDefinition<string> = {
  key: 'general.organisation',
  schema: z.string().trim().max(80),
  fallback: '',
};

/** Whoever reads /metrics from another machine sends it as a bearer token. Empty: only this machine may read. */
export const metricsToken: SettingDefinition<string> = {
  key: 'operations.metricsToken',
  schema: z
    .string()
    .trim()
    .max(200)
    .refine((token) => token === '' || token.length >= 16, 'web:settings.errors.token'),
  fallback: '',
  secret: true,
};

export const generalSettings: SettingsGroup[] = [
  {
    key: 'general',
    labelKey: 'web:settings.general.title',
    helpKey: 'web:settings.general.help',
    order: 0,
    fields: [
      {
        definition: organisation,
        labelKey: 'web:settings.general.organisation',
        helpKey: 'web:settings.general.organisationHelp',
        input: 'text',
      },
    ],
  },
  {
    key: 'operations',
    labelKey: 'web:settings.operations.title',
    helpKey: 'web:settings.operations.help',
    order: 900,
    fields: [
      {
        definition: metricsToken,
        labelKey: 'web:settings.operations.metricsToken',
        helpKey: 'web:settings.operations.metricsTokenHelp',
        input: 'text',
      },
    ],
  },
];
