export { timelineKinds, type NewTimelineEntry, type TimelineEntry, type TimelineKind } from './timeline.ts';
export { answersTold, callbackEnd, callbackKey, dncReason } from './timeline-view.ts';
export { createTimelineStore, type TimelineCursor, type TimelineStore } from './timeline-store.ts';
export { howGiven } from './how-given.ts';
