import { z } from 'zod';

/** Who may look at campaigns. */
export const campaignReaders = ['supervisor', 'marketing', 'manager', 'administrator'] as const;
/** Who may change one that is there: its mode, cap, hours, priority, lists, trunks, agents. */
export const campaignEditors = ['supervisor', 'marketing', 'manager', 'administrator'] as const;
/** Who may make new ones and put them away. */
export const campaignMakers = ['marketing', 'manager', 'administrator'] as const;
export const campaignParams = z.object({ id: z.coerce.number().int().positive() });
