/** What scripts have to know of floors above: given where the areas are put together. */
export interface ScriptSurroundings {
  /** Dispositions in use, in the order of the house. */
  dispositions(): Promise<
    readonly { readonly code: string; readonly names: Readonly<Record<string, string>> }[]
  >;
  /** Names of campaigns that use each script, those put away left out. */
  usedBy(): Promise<ReadonlyMap<number, readonly string[]>>;
  /** The campaign that a script belongs to, for trying it out: the first by name of those that use it. */
  campaignOf(scriptId: number): Promise<{ readonly name: string; readonly country: string } | null>;
}
