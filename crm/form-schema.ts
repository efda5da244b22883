import { z } from 'zod';

/**
 * A form whose fields are checked one by one and then together, with all that is wrong told at once. Zod by itself
 * leaves the second part out when the first has found something; whoever fills in a long form wants to hear it all.
 * `together` gets what was posted, and what the fields made of it or null.
 */
export function formSchema<Base extends z.ZodType, Result>(
  base: Base,
  together: (
    input: Record<string, unknown>,
    parsed: z.output<Base> | null,
    context: z.RefinementCtx,
  ) => Result,
): z.ZodType<Exclude<Result, null>> {
  return z.unknown().transform((input, context): Exclude<Result, null> => {
    const result = base.safeParse(input);
    if (!result.success)
      for (const issue of result.error.issues) context.issues.push({ ...issue, input } as never);
    const made = together(
      (input ?? {}) as Record<string, unknown>,
      result.success ? result.data : null,
      context,
    );
    return context.issues.length > 0 || made === null ? z.NEVER : (made as Exclude<Result, null>);
  });
}
