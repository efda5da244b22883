import fc from 'fast-check';

const happenings = ['nothing', 'answer', 'hang-up', 'lose-phone', 'killed'] as const;
export type Meanwhile = (typeof happenings)[number];

export type Action =
  | { do: 'pass'; ms: number }
  | { do: 'answer' | 'ring' | 'hang-up' | 'lose-phone' | 'machine' | 'human'; n: number }
  | { do: 'refuse'; n: number; cause: number }
  | { do: 'fail'; count: number }
  /** The next events of channels are lost, and the link stays up. */
  | { do: 'lose-events'; count: number }
  | { do: 'down'; killed: boolean }
  | { do: 'up' }
  /**
   * The dialer dies and another takes over what it has left; meanwhile something happens to a call, and something more
   * while the other asks the switch what it has.
   */
  | {
      do: 'restart';
      meanwhile: Meanwhile;
      n: number;
      later: { what: Meanwhile; requests: number; n: number };
    }
  | {
      do:
        | 'sign-in'
        | 'ready'
        | 'pause'
        | 'hang-up-agent'
        | 'hold'
        | 'dispose'
        | 'sign-out'
        | 'dial'
        | 'force'
        | 'preview-dial'
        | 'preview-skip'
        | 'transfer'
        | 'transfer-out'
        | 'consult'
        | 'consult-out'
        | 'conference'
        | 'take-back'
        | 'park'
        | 'take-up'
        | 'complete'
        | 'note'
        | 'record';
      agent: number;
    };

export const agentCount = 4;
/** The agent whose desk phone rings for each call; this one and the one before have previews too. */
export const ringsPerCall = 3;
const nth = fc.nat(50);
const who = fc.nat(agentCount - 1);
const loses = {
  weight: 2,
  arbitrary: fc.integer({ min: 1, max: 3 }).map((count): Action => ({ do: 'lose-events', count })),
};
/** What may happen to a dialer at work. */
export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(50, 250, 1_000, 2_500, 20_000).map((ms): Action => ({ do: 'pass', ms })),
  },
  { weight: 8, arbitrary: nth.map((n): Action => ({ do: 'answer', n })) },
  { weight: 2, arbitrary: nth.map((n): Action => ({ do: 'ring', n })) },
  { weight: 4, arbitrary: nth.map((n): Action => ({ do: 'hang-up', n })) },
  { weight: 1, arbitrary: nth.map((n): Action => ({ do: 'lose-phone', n })) },
  {
    weight: 2,
    arbitrary: nth.chain((n) => fc.constantFrom<Action>({ do: 'machine', n }, { do: 'human', n })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(nth, fc.constantFrom(17, 1, 34, 19))
      .map(([n, cause]): Action => ({ do: 'refuse', n, cause })),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map((count): Action => ({ do: 'fail', count })) },
  loses,
  { weight: 1, arbitrary: fc.boolean().map((killed): Action => ({ do: 'down', killed })) },
  { weight: 2, arbitrary: fc.constant<Action>({ do: 'up' }) },
  {
    weight: 3,
    arbitrary: fc.record<Action & { do: 'restart' }>({
      do: fc.constant('restart'),
      meanwhile: fc.constantFrom(...happenings),
      n: nth,
      later: fc.record({
        what: fc.constantFrom(...happenings),
        requests: fc.integer({ min: 1, max: 10 }),
        n: nth,
      }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc
      .tuple(
        who,
        fc.constantFrom(
          'sign-in',
          'ready',
          'ready',
          'pause',
          'hang-up-agent',
          'hold',
          'dispose',
          'dispose',
          'sign-out',
          'dial',
          'force',
          'preview-dial',
          'preview-dial',
          'preview-skip',
          'transfer',
          'transfer-out',
          'consult',
          'consult',
          'consult-out',
          'conference',
          'conference',
          'take-back',
          'complete',
          'park',
          'park',
          'take-up',
          'take-up',
          'note',
          'record',
        ),
      )
      .map(([agent, act]) => ({ do: act, agent }) as Action),
  },
);

/** What agents do with the customers they have, and what happens meanwhile. */
export const inTalks: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(50, 250, 2_500, 20_000, 60_000).map((ms): Action => ({ do: 'pass', ms })),
  },
  { weight: 2, arbitrary: nth.map((n): Action => ({ do: 'answer', n })) },
  { weight: 1, arbitrary: nth.map((n): Action => ({ do: 'hang-up', n })) },
  { weight: 1, arbitrary: nth.map((n): Action => ({ do: 'lose-phone', n })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map((count): Action => ({ do: 'fail', count })) },
  loses,
  {
    weight: 1,
    arbitrary: fc.constantFrom<Action>({ do: 'down', killed: false }, { do: 'up' }, { do: 'up' }),
  },
  {
    weight: 1,
    arbitrary: fc.record<Action & { do: 'restart' }>({
      do: fc.constant('restart'),
      meanwhile: fc.constantFrom('nothing', 'hang-up', 'lose-phone'),
      n: nth,
      later: fc.record({
        what: fc.constantFrom('nothing', 'hang-up', 'lose-phone'),
        requests: fc.integer({ min: 1, max: 10 }),
        n: nth,
      }),
    }),
  },
  {
    weight: 16,
    arbitrary: fc
      .tuple(
        who,
        fc.constantFrom(
          ...(['park', 'park', 'park', 'take-up', 'take-up', 'take-up', 'hold', 'hold', 'transfer'] as const),
          ...(['consult', 'conference', 'take-back', 'complete', 'transfer-out', 'consult-out'] as const),
          ...(['ready', 'ready', 'hang-up-agent', 'dispose', 'note', 'dial', 'pause'] as const),
        ),
      )
      .map(([agent, act]) => ({ do: act, agent }) as Action),
  },
);
