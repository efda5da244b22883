import { z } from 'zod';
import { fieldsOf, maxDraftField, readDraft, type DraftForm } from './draft.ts';

/** A draft as a page sends it. Fields that there are not are left out; one that is longer than any is refused. */
export const draftSchema = z
  .record(z.string().max(40), z.unknown())
  .superRefine((form, context) => {
    for (const field of fieldsOf(form)) {
      const value = form[field];
      if (value !== undefined && (typeof value !== 'string' || value.length > maxDraftField))
        context.addIssue({ code: 'custom', path: [field], message: 'common:errors.invalid' });
    }
  })
  .transform((form): DraftForm => readDraft(form));
