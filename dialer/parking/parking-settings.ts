import { z } from 'zod';
import type { SettingsGroup } from '../../core/http/area.ts';
import type { SettingDefinition } from '../../core/settings/settings.ts';

const second = 1_000;

/** How long a customer stays parked before the call rings back. */
export const parkLimitSetting: SettingDefinition<number> = {
  key: 'calls.parkLimit',
  schema: z
    .number()
    .int()
    .min(10 * second)
    .max(3_600 * second),
  fallback: 120 * second,
};

export const parkingSettings: SettingsGroup = {
  key: 'parking',
  labelKey: 'workspace:settings.parking.title',
  helpKey: 'workspace:settings.parking.help',
  order: 62,
  fields: [
    {
      definition: parkLimitSetting,
      labelKey: 'workspace:settings.parking.limit',
      helpKey: 'workspace:settings.parking.limitHelp',
      input: 'number',
      unitKey: 'common:units.seconds',
      scale: second,
    },
  ],
};
