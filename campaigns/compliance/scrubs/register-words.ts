import type { Request } from 'express';
import { regionName } from '../../../crm/index.ts';
import { registers } from './registers.ts';

/** Countries with what their registers are called: whoever has to get one asks for it by that name. */
export function registerWords({ context: { t, locale } }: Request, countries: readonly string[]): string {
  const word = (code: string): string => {
    const register = registers.find(({ country }) => country === code);
    const country = regionName(code, locale);
    return register ? t('compliance:register', { country, name: register.name }) : country;
  };
  return countries.map(word).join(t('campaigns:listSeparator'));
}
