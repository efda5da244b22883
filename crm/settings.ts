import { z } from 'zod';
import type { SettingsGroup } from '../core/http/index.ts';
import type { SettingDefinition } from '../core/settings/settings.ts';
import { isCountry } from './customers/phone-number.ts';
import { countryChoices } from './customers/countries.ts';
import { fieldLabelsSetting } from './customers/field-labels.ts';

/**
 * Numbers typed without a country code belong to it; '' until somebody has chosen. A guess would make strangers' numbers
 * of the customers of another country.
 */
export const defaultCountry: SettingDefinition<string> = {
  key: 'crm.defaultCountry',
  schema: z.string().refine((code) => code === '' || isCountry(code), 'crm:errors.country'),
  fallback: '',
};

export const crmSettings: SettingsGroup[] = [
  {
    key: 'crm',
    labelKey: 'crm:settings.title',
    helpKey: 'crm:settings.help',
    order: 100,
    fields: [
      {
        definition: defaultCountry,
        labelKey: 'crm:settings.defaultCountry',
        helpKey: 'crm:settings.defaultCountryHelp',
        input: 'select',
        choices: (locale, t) => [{ value: '', label: t('crm:chooseCountry') }, ...countryChoices(locale)],
      },
      {
        definition: fieldLabelsSetting,
        labelKey: 'crm:settings.fieldLabels',
        helpKey: 'crm:settings.fieldLabelsHelp',
        input: 'textarea',
      },
    ],
  },
];
