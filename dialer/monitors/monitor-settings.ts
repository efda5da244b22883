import { z } from 'zod';
import type { SettingDefinition } from '../../core/settings/settings.ts';

/** Whether agents are told that somebody listens. Whoever whispers or barges in is heard, and is named in any case. */
export const tellListeningSetting: SettingDefinition<boolean> = {
  key: 'floor.tellListening',
  schema: z.boolean(),
  fallback: false,
};
