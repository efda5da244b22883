import { z } from 'zod';

const ms = z.number().int().min(0).max(60_000);
const fraction = z.number().min(0).max(1);
const mos = z.number().min(1).max(5);

/**
 * What one page of an agent has measured of one talk so far, from its beginning there: a later report takes the place
 * of an earlier one, so that a lost answer counts nothing twice.
 */
export const lineReport = z.object({
  /** Made up by the page when it opened. */
  page: z.string().regex(/^[a-z0-9]{8,24}$/),
  looks: z.number().int().min(1).max(100_000),
  poorLooks: z.number().int().min(0).max(100_000),
  /** Estimated mean opinion score, mean of all looks. */
  mos,
  lowestMos: mos,
  jitterMs: ms,
  highestJitterMs: ms,
  /** Fractions of the packets. */
  lossIn: fraction,
  lossOut: fraction.nullable(),
  roundTripMs: ms.nullable(),
});
export type LineReport = z.infer<typeof lineReport>;

/** How a talk sounds at its agent at this moment, for who looks at the floor; kept nowhere. */
export const lineNow = z.object({
  mos,
  jitterMs: ms,
  /** The worse of both directions. */
  loss: fraction,
  roundTripMs: ms.nullable(),
});
export type LineNow = z.infer<typeof lineNow>;

/** What is told of it on the bus. */
export const lineNowTopic = 'line.now';
export interface LineNowTold extends LineNow {
  readonly userId: number;
  readonly callId: string;
}

/** The same of one talk, an agent or a period; `roundTripMs` and `lossOut` null where nobody reported them. */
export interface LineQualityFigures {
  readonly looks: number;
  readonly poorLooks: number;
  readonly mos: number;
  readonly lowestMos: number;
  readonly jitterMs: number;
  readonly highestJitterMs: number;
  readonly lossIn: number;
  readonly lossOut: number | null;
  readonly roundTripMs: number | null;
}
