import type { App } from '../../core/app.ts';
import type { SipPasswordStore, UserStore } from '../../core/users/index.ts';
import type {
  CallbackStore,
  CallNoMore,
  CampaignStore,
  DispositionStore,
  LeadStore,
} from '../../campaigns/index.ts';
import type { Gate } from '../../campaigns/compliance/index.ts';
import type { CustomerStore, TimelineStore } from '../../crm/index.ts';
import type { AmdVerdictStore } from '../amd/index.ts';
import type { CallStore } from '../calls/call-store.ts';
import type { GivenDispositionStore } from '../calls/given-disposition-store.ts';
import type { OptOutStore } from '../calls/opt-out-store.ts';
import type { PacingHistoryStore } from '../calls/pacing-history-store.ts';
import type { RecordingStore } from '../recordings/recording-store.ts';
import type { AnswerKeeper } from '../answers/index.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { Telephony } from '../telephony/telephony.ts';
import type { CallerNumbers } from '../caller-numbers/caller-numbers.ts';
import type { TrunkPool } from '../trunks/trunk-pool.ts';
import type { TrunkStore } from '../trunks/trunk-store.ts';
import type { LineRecord } from '../line-health/line-record.ts';
import type { Channels } from './channels.ts';
import type { Errands } from './errands.ts';
import type { FollowUps } from './follow-ups.ts';
import type { Journal } from './journal.ts';
import type { LiveAgents } from './live-agents.ts';
import type { LiveCalls } from './live-calls.ts';
import type { SlowFacts } from './slow-facts.ts';

/** What the parts of one dialer share. */
export interface DialerContext {
  readonly app: App;
  /** Names this dialer in rows; stable over restarts, so that it finds what it has left behind. */
  readonly dialerId: string;
  readonly telephony: Telephony;
  /** Agents' phones answer by themselves. */
  readonly simulatedPhones: boolean;
  readonly gate: Gate;
  readonly callNoMore: CallNoMore;
  readonly stores: {
    readonly calls: CallStore;
    readonly amdVerdicts: AmdVerdictStore;
    readonly givenDispositions: GivenDispositionStore;
    readonly optOuts: OptOutStore;
    readonly pacingHistory: PacingHistoryStore;
    readonly leads: LeadStore;
    readonly campaigns: CampaignStore;
    readonly dispositions: DispositionStore;
    readonly callbacks: CallbackStore;
    readonly customers: CustomerStore;
    readonly timeline: TimelineStore;
    readonly trunks: TrunkStore;
    readonly recordings: RecordingStore;
    readonly users: UserStore;
    readonly sipPasswords: SipPasswordStore;
    readonly drafts: DraftStore;
    readonly answers: AnswerKeeper;
  };
  readonly journal: Journal;
  readonly errands: Errands;
  readonly followUps: FollowUps;
  readonly calls: LiveCalls;
  readonly agents: LiveAgents;
  readonly channels: Channels;
  readonly trunks: TrunkPool;
  /** What has come of the calls on each trunk. */
  readonly lines: LineRecord;
  readonly callerNumbers: CallerNumbers;
  readonly slowFacts: SlowFacts;
}
