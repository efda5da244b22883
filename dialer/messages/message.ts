/** What somebody wrote, or what was done to an agent: then the text is the reason that was given. */
export const messageKinds = ['written', 'paused', 'ready', 'signed-out', 'moved'] as const;
export type MessageKind = (typeof messageKinds)[number];

export type MessageScope =
  | { readonly to: 'agent'; readonly id: number }
  | { readonly to: 'campaign'; readonly id: number }
  | { readonly to: 'all' };

export interface Message {
  readonly id: number;
  readonly at: number;
  readonly by: number | null;
  readonly kind: MessageKind;
  readonly scope: MessageScope;
  readonly text: string;
  /** An announcement: its readers are not ready before they have read it. */
  readonly mustRead: boolean;
}

/** A message as an agent's page shows it, with the name of who wrote it. */
export interface UnreadMessage {
  readonly id: number;
  readonly at: number;
  readonly byName: string;
  readonly kind: MessageKind;
  readonly text: string;
  readonly mustRead: boolean;
}

export interface SentMessage extends Message {
  readonly byName: string;
  readonly readers: readonly { readonly name: string; readonly readAt: number | null }[];
}

/** Who has something new to read, or has read. */
export interface MessagesChanged {
  readonly userIds: readonly number[];
}

export const messagesChanged = 'messages.changed';
export const messagesTopic = (userId: number): string => `agent.messages.${userId}`;
