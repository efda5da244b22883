export { type List } from './list.ts';
export { createListStore, type ListStore } from './list-store.ts';
