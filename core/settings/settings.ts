import type { z } from 'zod';

/** One setting of the product, kept in the database, with a default that works. */
export interface SettingDefinition<T> {
  key: string;
  schema: z.ZodType<T>;
  fallback: T;
  /** Never shown in the audit. */
  secret?: boolean;
}

/** Settings in the database. Changes are audited and told to other processes over the bus (`settings.changed`). */
export interface Settings {
  get<T>(definition: SettingDefinition<T>): Promise<T>;
  /** @throws ZodError when the value does not fit the definition. */
  set<T>(definition: SettingDefinition<T>, value: T, by: { userId: number | null }): Promise<void>;
}
