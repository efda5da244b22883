/** What an agent may ask the dialer for, each as POST /workspace/<name> and bus command `agent.<name>`. */
export const workspaceCommands = [
  'sign-in',
  'sign-out',
  'ready',
  'pause',
  'hangup',
  'hold',
  'record',
  'dtmf',
  'dispose',
  'extend-wrapup',
  'preview-dial',
  'preview-skip',
  'dial',
] as const;
/** Before the customer is called, a phone that is rung for each call may ring for as long as its agent takes. */
export const phoneRingsMs = 30_000;
export const ringsPhone: ReadonlySet<string> = new Set<WorkspaceCommand>(['dial', 'preview-dial']);

export type WorkspaceCommand = (typeof workspaceCommands)[number];
