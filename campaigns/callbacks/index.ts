export { type Callback, type CallbackState, type NewCallback } from './callback.ts';
export { createCallbackStore, type CallbackStore } from './callback-store.ts';
