/** What an agent may ask the dialer for, each as POST /workspace/<name> and bus command `agent.<name>`. */
export const workspaceCommands = [
  'sign-in',
  'sign-out',
  'ready',
  'pause',
  'hangup',
  'hold',
  'dtmf',
  'dispose',
  'extend-wrapup',
  'preview-dial',
  'preview-skip',
  'dial',
] as const;
export type WorkspaceCommand = (typeof workspaceCommands)[number];
