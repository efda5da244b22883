/**
 * The word of a disposition or note on the timeline, by how it came about: handed in by the agent at once or later, or
 * kept when the agent could not.
 */
export function howGiven(kind: 'disposition' | 'note', data: Readonly<Record<string, unknown>>): string {
  if (data.byLimit) return `${kind}ByLimit`;
  if (data.agentLost) return `${kind}AgentLost`;
  return kind === 'disposition' && data.late ? 'dispositionLate' : kind;
}
