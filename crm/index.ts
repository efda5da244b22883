export * from './customers/index.ts';
export * from './timeline/index.ts';
export * from './script/index.ts';
