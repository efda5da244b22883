/** Customers who are to be called together: what a file brings, and what campaigns take. */
export interface List {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  /** Numbers without a country code belong to it. */
  readonly defaultCountry: string;
  readonly size: number;
  /** How often its name and description have been saved. */
  readonly revision: number;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly archivedAt: number | null;
}
