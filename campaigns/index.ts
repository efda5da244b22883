export * from './campaigns/index.ts';
export * from './leads/index.ts';
export * from './dispositions/index.ts';
export * from './callbacks/index.ts';
