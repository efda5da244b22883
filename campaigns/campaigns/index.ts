export {
  campaignModes,
  campaignStates,
  campaignTransitions,
  contentLanguages,
  type Campaign,
  type CampaignEvent,
  type CampaignMode,
  type CampaignSettings,
  type CampaignState,
  type Identification,
  type MachineMessage,
} from './campaign.ts';
export { defaultHours, weekdays, type CallingHours, type HoursWindow, type Weekday } from './hours.ts';
export { defaultCampaign } from './defaults.ts';
export { createAmdSwitch } from './amd-switch.ts';
export { defaultAmdSettings, type AmdSettings } from './amd-settings.ts';
export { createScriptSurroundings } from './script-surroundings.ts';
export { createCampaignChecks } from './campaign-checks.ts';
export { campaignWords } from './campaign-words.ts';
export {
  createCampaignStore,
  type CampaignDraft,
  type CampaignList,
  type CampaignMoved,
  type CampaignSaved,
  type CampaignStore,
  type NamedCampaign,
} from './campaign-store.ts';
