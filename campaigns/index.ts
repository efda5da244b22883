export * from './campaigns/index.ts';
export * from './leads/index.ts';
export * from './dispositions/index.ts';
export * from './callbacks/index.ts';
export * from './lists/index.ts';
export * from './number-pools/index.ts';
export { createCallNoMore, type CallNoMore, type NoMoreCalls } from './call-no-more.ts';
export { campaignAreas, defineCampaignJobs, finishCampaigns, prepareCampaigns } from './areas.ts';
