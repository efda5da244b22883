import fc from 'fast-check';
import { describe, it } from 'mocha';
import { anyAction, inTalks } from './any-sequence-actions.ts';
import { play } from './any-sequence-play.ts';

/** A failure that was seen is played again by `FUZZ_SEED` and `FUZZ_PATH`. */
const { FUZZ_SEED: seed, FUZZ_PATH: path } = process.env;
const replay = seed ? { seed: Number(seed), path } : {};

describe('any sequence of events', function () {
  this.timeout(240_000);

  for (const mode of ['power', 'progressive'] as const)
    it(`leaves no call without an end, no agent in two calls and no call with two agents (${mode})`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyAction, { minLength: 40, maxLength: 160 }),
          fc.boolean(),
          (actions, amd) => play(actions, mode, amd),
        ),
        { numRuns: Number(process.env.FUZZ_RUNS ?? 5), endOnFailure: true, ...replay },
      );
    });

  it('does so from the middle of talks, whatever is done with customers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(inTalks, { minLength: 40, maxLength: 120 }), (actions) =>
        play(actions, 'progressive', false, true),
      ),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 5), endOnFailure: true, ...replay },
    );
  });
});
