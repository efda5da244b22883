export interface TimedCall {
  readonly id: string;
  readonly e164: string;
  readonly customer_id: number | null;
  readonly dialed_at: number;
  readonly ended_at: number | null;
}

/** Pairs of dialled calls to one number or one customer that were up at the same time. */
export function overlapping(calls: readonly TimedCall[]): [string, string][] {
  const endOf = ({ ended_at }: TimedCall) => ended_at ?? Infinity;
  return calls.flatMap((one, index) =>
    calls
      .slice(index + 1)
      .filter(
        (other) =>
          (one.e164 === other.e164 || (one.customer_id !== null && one.customer_id === other.customer_id)) &&
          one.dialed_at < endOf(other) &&
          other.dialed_at < endOf(one),
      )
      .map((other): [string, string] => [one.id, other.id]),
  );
}
