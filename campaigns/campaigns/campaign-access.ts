import { z } from 'zod';

/** Who may look at campaigns, and who may change them. */
export const campaignReaders = ['supervisor', 'marketing', 'manager', 'administrator'] as const;
export const campaignEditors = ['marketing', 'manager', 'administrator'] as const;
export const campaignParams = z.object({ id: z.coerce.number().int().positive() });
