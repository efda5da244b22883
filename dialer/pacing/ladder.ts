/** Prices of an abandoned call in ring times of talk, dearest first, each half of the one before. */
export const PRICES: readonly number[] = [128, 64, 32, 16, 8, 4, 2];
export const TOP_RUNG = PRICES.length - 1;

/** Price on a rung, and the rung of a price, in ring times of talk. */
export const priceOn = (rung: number): number => PRICES[0]! / 2 ** rung;
export const rungOf = (price: number): number => Math.log2(PRICES[0]! / price);
