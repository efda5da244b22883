import { z } from 'zod';
import type { SettingDefinition } from '../settings/settings.ts';
import { roles } from './role.ts';

export const demoAccountSchema = z.object({
  username: z.string(),
  password: z.string(),
  role: z.enum(roles),
});

/** An account that the sign-in page offers while the demo is on. */
export type DemoAccount = z.infer<typeof demoAccountSchema>;

/** Empty: no demo, and the sign-in page offers nothing. */
export const demoAccounts: SettingDefinition<DemoAccount[]> = {
  key: 'demo.accounts',
  schema: z.array(demoAccountSchema),
  fallback: [],
  secret: true,
};
