import type { App } from '../core/app.ts';
import { SipPasswordStore, UserStore } from '../core/users/index.ts';
import {
  createCallbackStore,
  createCallNoMore,
  createCampaignStore,
  createDispositionStore,
  createLeadStore,
  createNumberFlagStore,
  createNumberPoolStore,
} from '../campaigns/index.ts';
import {
  createGate,
  createLateCheckProbe,
  createScrubMemory,
  type Gate,
} from '../campaigns/compliance/index.ts';
import { createCustomerStore, createTimelineStore } from '../crm/index.ts';
import { createAgentStore } from './agents/agent-store.ts';
import { createPauseCodeStore } from './agents/pause-code-store.ts';
import { createAmdVerdictStore } from './amd/index.ts';
import { createCallStore } from './calls/call-store.ts';
import { createGivenDispositionStore } from './calls/given-disposition-store.ts';
import { createOptOutStore } from './calls/opt-out-store.ts';
import { createPacingHistoryStore } from './calls/pacing-history-store.ts';
import { createCellStore } from './cells/cell-store.ts';
import { createAnswerKeeper } from './answers/index.ts';
import { DraftStore } from './drafts/draft-store.ts';
import type { PacerFactory } from './engine/campaign-pacer.ts';
import { Channels } from './engine/channels.ts';
import type { DialerContext } from './engine/context.ts';
import { Engine } from './engine/engine.ts';
import { Errands } from './engine/errands.ts';
import { FollowUps } from './engine/follow-ups.ts';
import { Journal, type JournalOptions } from './engine/journal.ts';
import { LiveAgents } from './engine/live-agents.ts';
import { LiveCalls } from './engine/live-calls.ts';
import { SlowFacts } from './engine/slow-facts.ts';
import { identificationMedia, machineMedia, prepareWords } from './prompts/identification.ts';
import { createPromptLibrary } from './prompts/prompt-library.ts';
import type { DialerStatus } from './protocol.ts';
import { createRecordingStore } from './recordings/recording-store.ts';
import { defineRecordingJobs } from './recordings/recording-jobs.ts';
import { espeak, type Speech } from './telephony/speech.ts';
import type { Telephony } from './telephony/telephony.ts';
import { CallerNumbers } from './caller-numbers/caller-numbers.ts';
import { LineRecord } from './line-health/line-record.ts';
import { TrunkPool } from './trunks/trunk-pool.ts';
import { createTrunkStore } from './trunks/trunk-store.ts';

export interface DialerOptions {
  /** Connected by `start`, closed by `close`. */
  telephony: Telephony;
  /** Names this dialer in rows; the same after each restart. One for each Asterisk. The settings' unless given. */
  dialerId?: string;
  pacerFactory?: PacerFactory;
  /** `simulated`: agents' phones answer by themselves, and pages say so. */
  agentsPhone?: 'real' | 'simulated';
  gate?: Gate;
  /** Speaks campaigns' own messages; espeak-ng unless a better voice is given. */
  speech?: Speech;
  journal?: JournalOptions;
  /**
   * Another process had taken this dialer's name, so that this one has done nothing since, and is gone now: whoever runs
   * this one ends it, so that it is begun anew.
   */
  nameFree?: () => void;
}

export interface Dialer {
  /** Takes up what an earlier run has left, answers commands, and dials once the switch is there. */
  start(): Promise<void>;
  /** Places no more calls and writes what is left to write. Calls live on at the switch. May be called twice. */
  close(): Promise<void>;
  status(): DialerStatus;
  /** Resolves when all that has happened so far is in the database. For tests and benchmarks. */
  settled(): Promise<void>;
}

const drainMs = 5_000;

/** The live half of the product: one for each Asterisk, beside the web in one process or alone. */
export function createDialer(app: App, options: DialerOptions): Dialer {
  const { telephony } = options;
  const dialerId = options.dialerId ?? app.config.dialerId;
  const journal = new Journal(app, { ...options.journal, dialerId });
  const errands = new Errands(app);
  const agentStore = createAgentStore(app);
  const calls = createCallStore(app);
  const pauseCodes = createPauseCodeStore(app);
  const trunks = new TrunkPool();
  const scrubs = createScrubMemory(app);
  const ctx: DialerContext = {
    app,
    dialerId,
    telephony,
    simulatedPhones: options.agentsPhone === 'simulated',
    gate: options.gate ?? createGate(app, { scrubs }),
    callNoMore: createCallNoMore(app),
    stores: {
      calls,
      amdVerdicts: createAmdVerdictStore(),
      givenDispositions: createGivenDispositionStore(app),
      optOuts: createOptOutStore(app),
      pacingHistory: createPacingHistoryStore(app, dialerId),
      leads: createLeadStore(app),
      campaigns: createCampaignStore(app),
      dispositions: createDispositionStore(app),
      callbacks: createCallbackStore(app),
      customers: createCustomerStore(app),
      timeline: createTimelineStore(app),
      trunks: createTrunkStore(app),
      recordings: createRecordingStore(app),
      users: new UserStore(app.db),
      sipPasswords: new SipPasswordStore(app),
      drafts: new DraftStore(app.db),
      answers: createAnswerKeeper(app),
    },
    journal,
    errands,
    followUps: new FollowUps(app, errands),
    calls: new LiveCalls(app, { store: calls, journal, dialerId }),
    agents: new LiveAgents(app, { store: agentStore, journal, dialerId }),
    channels: new Channels(app, telephony, (channelId, owner) => {
      if (owner.kind === 'call' || owner.kind === 'test') trunks.free(owner.trunkId, channelId);
    }),
    trunks,
    lines: new LineRecord(app),
    callerNumbers: new CallerNumbers(app, createNumberPoolStore(app), createNumberFlagStore(app)),
    slowFacts: new SlowFacts(app.clock, createLateCheckProbe(app)),
  };
  const speech = options.speech ?? espeak();
  const prompts = createPromptLibrary(app.config, { speech, log: app.log });
  const engine = new Engine(ctx, {
    pacerFactory: options.pacerFactory,
    identificationMedia: (identification, language) => identificationMedia(prompts, identification, language),
    machineMedia: (message, language) => machineMedia(prompts, message, language),
    campaignRuns: ({ identification, machineMessage }) => {
      prepareWords(prompts, identification);
      prepareWords(prompts, machineMessage);
    },
    agentStore,
    cells: createCellStore(app),
    pauseCodes,
    superseded: () => void (closing ??= letGo()),
    nameFree: () => options.nameFree?.(),
  });
  const recordingJobs = defineRecordingJobs(app, { telephony, store: ctx.stores.recordings, dialerId });
  let closing: Promise<void> | undefined;

  /** Writes no more and leaves the switch, so that it is not taken back and forth. */
  async function letGo(): Promise<void> {
    scrubs.close();
    for (const step of [() => journal.close(0), () => errands.close(0), () => telephony.close()])
      await step().catch((error: unknown) =>
        app.log.error({ err: error }, 'dialer could not let go cleanly'),
      );
  }

  async function close(): Promise<void> {
    engine.stop();
    scrubs.close();
    for (const step of [
      () => errands.close(drainMs),
      () => journal.close(drainMs),
      () => ctx.lines.write(),
      () => engine.farewell(),
      () => telephony.close(),
    ])
      await step().catch((error: unknown) => app.log.error({ err: error }, 'dialer could not close cleanly'));
  }

  return {
    async start() {
      await pauseCodes.seed();
      await engine.start();
      await journal.writeAside().catch((error: unknown) => {
        app.log.warn({ error: String(error) }, 'transitions that were set aside could not be tried again');
      });
      await recordingJobs.start();
      scrubs.refresh().catch((error: unknown) => {
        app.log.warn({ error: String(error) }, 'official lists are looked up in the database meanwhile');
      });
      telephony.connect().catch((error: unknown) => {
        app.log.warn({ error: String(error) }, 'switch not reached yet; it is tried again');
      });
    },
    close() {
      engine.watchNameNoMore();
      return (closing ??= close());
    },
    status: () => engine.status(),
    async settled() {
      await journal.flushed();
      await errands.idle();
      await journal.flushed();
    },
  };
}
