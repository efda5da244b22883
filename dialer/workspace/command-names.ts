/** What an agent may ask the dialer for, each as POST /workspace/<name> and bus command `agent.<name>`. */
export const workspaceCommands = [
  'sign-in',
  'sign-out',
  'ready',
  'pause',
  'hangup',
  'hold',
  'park',
  'take-up',
  'record',
  'transfer',
  'consult',
  'conference',
  'take-back',
  'complete',
  'dtmf',
  'dispose',
  'note',
  'extend-wrapup',
  'preview-dial',
  'preview-skip',
  'dial',
] as const;
/** A phone that is rung for each call, the agent's own or a colleague's, may ring for as long as it takes to pick it up. */
export const phoneRingsMs = 30_000;
export const ringsPhone: ReadonlySet<string> = new Set<WorkspaceCommand>([
  'dial',
  'preview-dial',
  'transfer',
  'consult',
  'take-up',
]);

export type WorkspaceCommand = (typeof workspaceCommands)[number];
