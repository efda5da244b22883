import type { z } from 'zod';

/** One setting of the product, kept in the database, with a default that works. */
export interface SettingDefinition<T> {
  key: string;
  schema: z.ZodType<T>;
  fallback: T;
  /** Never shown in the audit. */
  secret?: boolean;
}

export interface SettingChange {
  definition: SettingDefinition<unknown>;
  value: unknown;
}

/** What is set now, read where nothing changes it any more. */
export type StoredSetting = <T>(definition: SettingDefinition<T>) => T;

/** Settings in the database. Changes are audited and told to other processes over the bus (`settings.changed`). */
export interface Settings {
  get<T>(definition: SettingDefinition<T>): Promise<T>;
  /** @throws ZodError when the value does not fit the definition. */
  set<T>(definition: SettingDefinition<T>, value: T, by: { userId: number | null }): Promise<void>;
  /**
   * Sets those of several that differ, all or none; returns how many. With `among` and `asSeen`, only where it says of
   * what is stored that it is what was seen: otherwise null, and nothing is set. @throws ZodError as `set`
   */
  setAll(
    changes: readonly SettingChange[],
    by: { userId: number | null },
    seen?: {
      among: readonly SettingDefinition<unknown>[];
      asSeen(stored: StoredSetting): boolean;
    },
  ): Promise<number | null>;
}
