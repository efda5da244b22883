export { createMessageStore, type MessageStore } from './message-store.ts';
export {
  messageKinds,
  messagesChanged,
  messagesTopic,
  type MessageKind,
  type MessageScope,
  type SentMessage,
  type UnreadMessage,
} from './message.ts';
