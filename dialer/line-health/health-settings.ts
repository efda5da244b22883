import { z } from 'zod';
import type { SettingsGroup } from '../../core/http/area.ts';
import type { SettingDefinition, Settings } from '../../core/settings/settings.ts';

const autoQuarantineSetting: SettingDefinition<boolean> = {
  key: 'trunks.autoQuarantine',
  schema: z.boolean(),
  fallback: true,
};

/** Whether a trunk that is clearly worse than the others is kept out without anybody's word. */
export const autoQuarantine = (app: { settings: Pick<Settings, 'get'> }): Promise<boolean> =>
  app.settings.get(autoQuarantineSetting);

export const trunkSettings: SettingsGroup = {
  key: 'trunks',
  labelKey: 'dialer:trunkSettings.title',
  helpKey: 'dialer:trunkSettings.help',
  order: 70,
  fields: [
    {
      definition: autoQuarantineSetting,
      labelKey: 'dialer:trunkSettings.auto',
      helpKey: 'dialer:trunkSettings.autoHelp',
      input: 'checkbox',
    },
  ],
};
