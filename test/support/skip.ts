import type { Context } from 'mocha';

interface Skippable {
  type?: string;
  parent?: unknown;
  skipReason?: string;
  cannotBeHad?: boolean;
}

/**
 * Skips the running test, or in a `before` hook its whole suite, and lets bin/test say why.
 *
 *     before(async function () { if (!installed) skip(this, 'Redis is not installed'); });
 */
export function skip(context: Context, why: string): never {
  const runnable = context.runnable() as Skippable;
  runnable.skipReason = why;
  if (runnable.type === 'hook' && runnable.parent) (runnable.parent as Skippable).skipReason = why;
  return context.skip();
}

/** As `skip`, where no installing would help: the machine or its container does not let it. No build fails for it. */
export function skipHere(context: Context, why: string): never {
  (context.runnable() as Skippable).cannotBeHad = true;
  return skip(context, why);
}
