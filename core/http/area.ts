import type { Router } from 'express';
import type { Locale } from '../i18n/locale.ts';
import type { Translate } from '../i18n/translator.ts';
import type { SettingDefinition } from '../settings/settings.ts';
import type { Role } from '../users/role.ts';

/** One entry of the navigation. `labelKey` is `namespace:key`; entries stand by `order`, smallest first. */
export interface NavEntry {
  href: string;
  /** A Tabler outline icon. */
  icon: string;
  labelKey: string;
  roles: readonly Role[];
  order: number;
  /** How much waits there for a user; `labelKey` says it in words, with `count`. Asked for on every page. */
  waiting?: { labelKey: string; count: (userId: number) => Promise<number> };
}

/** How a setting is asked for on the settings page. */
export interface SettingField<T = unknown> {
  definition: SettingDefinition<T>;
  labelKey: string;
  /** One line: what it does. */
  helpKey: string;
  input: 'text' | 'number' | 'checkbox' | 'select' | 'textarea';
  /** For `select`: values and the keys of their words, or a list that is made for the reader's language. */
  choices?:
    | readonly { value: string; labelKey: string }[]
    | ((locale: Locale, t: Translate) => readonly { value: string; label: string }[]);
  /** Behind a number: `common:units.seconds`. */
  unitKey?: string;
  /** What the page shows is `stored / scale`: 1000 lets milliseconds be asked for in seconds. Only for `number`. */
  scale?: number;
}

/** Settings that govern one thing, as one card of the settings page. */
export interface SettingsGroup {
  key: string;
  labelKey: string;
  helpKey: string;
  order: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- fields of one group have different value types
  fields: readonly SettingField<any>[];
}

/**
 * Answers whether the area can do its work now, perhaps with what runs, or with what is no trouble yet but somebody should
 * look at; rejects with what is missing.
 */
export interface HealthCheck {
  name: string;
  labelKey: string;
  /** Where more of it is shown, and can be done about it. */
  href?: string;
  check(): Promise<void | string | { warns: string }>;
}

/** Something that has to be done once before a new house makes its first call; `/admin` leads through these. */
export interface FirstStep {
  labelKey: string;
  /** One line: why, and how. */
  helpKey: string;
  /** Where it is done; none where it is not done on a page. */
  href?: string;
  order: number;
  done(): Promise<boolean>;
}

/** What one area of the product brings to the web application. */
export interface WebArea {
  name: string;
  router: Router;
  nav?: readonly NavEntry[];
  settings?: readonly SettingsGroup[];
  health?: readonly HealthCheck[];
  firstSteps?: readonly FirstStep[];
}
