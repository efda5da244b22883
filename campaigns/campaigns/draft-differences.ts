import type { CampaignDraft } from './campaign-store.ts';

/** Only what differs, from what to what; long texts as they are. */
export function differences(before: CampaignDraft, after: CampaignDraft) {
  const changed = (Object.keys(after) as (keyof CampaignDraft)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const pick = (from: CampaignDraft) => Object.fromEntries(changed.map((key) => [key, from[key]]));
  return { before: pick(before), after: pick(after) };
}
