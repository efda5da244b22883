export { type Callback, type CallbackState, type NewCallback } from './callback.ts';
export { cancelReason, createCanceller } from './cancel.ts';
export { createCallbackStore, type CallbackStore } from './callback-store.ts';
