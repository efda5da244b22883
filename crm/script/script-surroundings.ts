/** What scripts have to know of floors above: given where the areas are put together. */
export interface ScriptSurroundings {
  /** Dispositions in use, in the order of the house. */
  dispositions(): Promise<
    readonly { readonly code: string; readonly names: Readonly<Record<string, string>> }[]
  >;
  /** Names of campaigns that use each script, those put away left out. */
  usedBy(): Promise<ReadonlyMap<number, readonly string[]>>;
}
