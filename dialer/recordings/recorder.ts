import type { App } from '../../core/app.ts';
import { CommandRefused } from '../../core/bus/bus.ts';
import { isWithAgent } from '../calls/call.ts';
import { agentBridgeId } from '../engine/live-agents.ts';
import type { Errands } from '../engine/errands.ts';
import type { LiveCall } from '../engine/live-calls.ts';
import type { Telephony } from '../telephony/telephony.ts';
import {
  beginPause,
  endPause,
  newRun,
  type PauseCause,
  type Recording,
  type RecordingPause,
  type Run,
} from './recording.ts';
import type { RecordingStore } from './recording-store.ts';

/** Only the dialer beside the switch that has the recording can bring it over. */
export function fetchRecordingJob(dialerId: string): string {
  return dialerId === firstDialer ? 'recordings.fetch' : `recordings.fetch.${dialerId}`;
}

/** Its jobs have no name in theirs: they are older than names of dialers. */
export const firstDialer = 'main';

const againMs = 1_000;
const queueAgainMs = 5_000;
/** The switch tells of a closed file within this; later it was told to nobody, and the file is asked for. */
const toldWithinMs = 5_000;

/** Records talks in the agent's bridge, and has the file brought over when the switch has closed it. */
export class Recorder {
  readonly #app: Pick<App, 'clock' | 'log' | 'jobs'>;
  readonly #telephony: Telephony;
  readonly #store: RecordingStore;
  readonly #errands: Errands;
  /** Names of recordings under way, by call. A talk given to a second agent has two. */
  readonly #running = new Map<string, string[]>();
  /** Names of recordings that are to run now. */
  readonly #wanted = new Map<string, Run>();
  /** Names whose end the switch has not told yet. The agent's bridge outlives the call, so each must be brought to one. */
  readonly #ending = new Set<string>();
  /**
   * Names of recordings that an earlier run may have begun without writing their row, with the call. Whether the switch
   * has them nobody can ask it: they are stopped in any case, and get their row when it tells of their end.
   */
  readonly #unwritten = new Map<string, { callId: string; at: number }>();
  /** Closed files, with their length in milliseconds, that are not asked for yet. */
  readonly #toFetch = new Map<string, number | null>();
  #queueing = false;
  #stopped = false;
  readonly #onChange: (callId: string) => void;
  readonly #fetchJob: string;

  constructor(
    app: Pick<App, 'clock' | 'log' | 'jobs'>,
    parts: {
      dialerId: string;
      telephony: Telephony;
      store: RecordingStore;
      errands: Errands;
      onChange: (callId: string) => void;
    },
  ) {
    this.#app = app;
    this.#telephony = parts.telephony;
    this.#store = parts.store;
    this.#errands = parts.errands;
    this.#onChange = parts.onChange;
    this.#fetchJob = fetchRecordingJob(parts.dialerId);
  }

  start(live: LiveCall, userId: number): void {
    const callId = live.call.id;
    const names = this.#running.get(callId) ?? [];
    const name = nameOf(callId, names.length);
    this.#running.set(callId, [...names, name]);
    const run = newRun(callId);
    this.#wanted.set(name, run);
    const at = this.#app.clock.now();
    live.recording = 'on';
    live.recordingPausedByAgent = false;
    this.#errands.add('recording', { call: callId }, () =>
      this.#store.started(callId, name, at, { ...live.call, userId }),
    );
    run.begun = this.#telephony.record(agentBridgeId(userId), name).then(
      () => {
        // Stopped before it had begun: the bridge outlives the call, and the next customer would be recorded too.
        if (!this.#wanted.has(name)) this.#stopNamed(name);
      },
      (error: unknown) => {
        this.#wanted.delete(name);
        this.#app.log.warn({ call: callId, error: String(error) }, 'recording could not be started');
        live.recording = 'failed';
        // It may run all the same: the answer was lost, and not the request.
        this.#stopNamed(name);
        this.#errands.add('recording', { call: callId }, () =>
          this.#store.failed(name, this.#app.clock.now()),
        );
        this.#onChange(callId);
      },
    );
  }

  /** While a customer is on hold nothing is recorded. */
  hold(live: LiveCall, on: boolean): void {
    const run = this.#runOf(live);
    if (!run) return;
    this.#mark(live, run, 'hold', on);
    void this.#insist(run);
  }

  /**
   * For what must not be heard later, as a card's number. Only what the switch has confirmed counts as paused; what it
   * has not confirmed is not left half done. @throws CommandRefused
   */
  async pauseByAgent(live: LiveCall, on: boolean): Promise<void> {
    const run = this.#runOf(live);
    if (!run) throw new CommandRefused('not-recorded');
    await run.begun;
    if (this.#runOf(live) !== run) throw new CommandRefused('not-recorded');
    if (run.causes.has('agent') === on) return;
    const wasPaused = run.causes.size > 0;
    const isPausedThen = on || run.causes.has('hold');
    try {
      if (wasPaused !== isPausedThen) await this.#pauseOnSwitch(run, isPausedThen);
    } catch (error) {
      const about = { call: run.callId, on, error: String(error) };
      this.#app.log.warn(about, 'recording was not paused or resumed');
      void this.#insist(run);
      throw new CommandRefused(on ? 'recording-not-paused' : 'recording-not-resumed');
    }
    if (this.#runOf(live) !== run) throw new CommandRefused('no-such-call');
    this.#mark(live, run, 'agent', on);
    // Held or taken back meanwhile.
    if (run.causes.size > 0 !== isPausedThen) void this.#insist(run);
  }

  /** What is recorded of this call now; undefined: nothing. */
  #runOf({ call, recording }: LiveCall): Run | undefined {
    if (recording === 'failed' || recording === 'off') return undefined;
    return this.#wanted.get(this.#mayRun(call.id).at(-1) ?? '');
  }

  async #pauseOnSwitch(run: Run, on: boolean): Promise<void> {
    await run.begun;
    if (!this.#isWanted(run)) return;
    await Promise.all(this.#mayRun(run.callId).map((name) => this.#telephony.pauseRecording(name, on)));
  }

  /** Notes the pause on the call and on the row of its recording. */
  #mark(live: LiveCall, run: Run, cause: PauseCause, on: boolean): void {
    const now = this.#app.clock.now();
    if (on) run.causes.add(cause);
    else run.causes.delete(cause);
    const isOn = run.causes.size > 0;
    this.#note(run, isOn ? beginPause(run.pauses, cause, now) : endPause(run.pauses, now));
    live.recording = isOn ? 'paused' : 'on';
    live.recordingPausedByAgent = run.causes.has('agent');
    this.#onChange(live.call.id);
  }

  #note(run: Run, pauses: readonly RecordingPause[]): void {
    if (pauses === run.pauses) return;
    run.pauses = pauses;
    for (const name of this.#mayRun(run.callId))
      this.#errands.add('recording', { recording: name }, () => this.#store.paused(name, pauses));
  }

  /** Asks the switch for what is wanted until it has taken it, or the recording ends. */
  async #insist(run: Run): Promise<void> {
    if (run.insisting || !this.#isWanted(run)) return;
    run.insisting = true;
    const { clock, log } = this.#app;
    const on = run.causes.size > 0;
    const taken = await this.#pauseOnSwitch(run, on).then(
      () => true,
      (error: unknown) => {
        log.warn(
          { call: run.callId, on, error: String(error) },
          'recording could not be paused or resumed yet',
        );
        return false;
      },
    );
    const again = () => {
      run.insisting = false;
      if (!taken || run.causes.size > 0 !== on) void this.#insist(run);
    };
    if (taken) again();
    else clock.after(againMs, again);
  }

  #isWanted(run: Run): boolean {
    return this.#wanted.get(this.#mayRun(run.callId).at(-1) ?? '') === run;
  }

  /** The last of a call; of one that an earlier run has left also the one before, as either may be it. */
  #mayRun(callId: string): string[] {
    const names = this.#running.get(callId) ?? [];
    return names.slice(this.#unwritten.has(names.at(-1) ?? '') ? -2 : -1);
  }

  stop(live: LiveCall): void {
    const names = this.#mayRun(live.call.id);
    if (names.length === 0) return;
    const run = this.#runOf(live);
    if (run) this.#note(run, endPause(run.pauses, this.#app.clock.now()));
    if (live.call.state === 'ended') this.#running.delete(live.call.id);
    if (live.recording !== 'failed') live.recording = 'off';
    live.recordingPausedByAgent = false;
    for (const name of names) this.#stopNamed(name);
  }

  #stopNamed(name: string): void {
    this.#wanted.delete(name);
    this.#ending.add(name);
    void this.#tryToStop(name);
  }

  /** Until the switch has taken it. While the switch is away it waits for `stopLeft`. */
  async #tryToStop(name: string): Promise<void> {
    const { clock, log } = this.#app;
    try {
      await this.#telephony.stopRecording(name);
      // Ended already, by this or before: where nobody is told of the file, it is asked for.
      clock.after(toldWithinMs, () => this.#ending.has(name) && this.finished(name, false, null));
    } catch (error) {
      log.debug({ recording: name, error: String(error) }, 'recording could not be stopped yet');
      clock.after(againMs, () => {
        if (this.#ending.has(name) && this.#telephony.state === 'up') void this.#tryToStop(name);
      });
    }
  }

  /** Recordings that an earlier run of this dialer has left without an end, though their calls have one. */
  left(names: readonly string[]): void {
    for (const name of names) this.#ending.add(name);
  }

  /** The switch is there (again): what was to end meanwhile, ends before anybody else comes into that bridge. */
  async stopLeft(): Promise<void> {
    await Promise.all([...this.#ending].map((name) => this.#tryToStop(name)));
    for (const run of new Set(this.#wanted.values())) void this.#insist(run);
  }

  /** A call of an earlier run goes on: what the switch records of it is stopped when it ends. */
  takeUp(live: LiveCall, recordings: readonly Recording[]): void {
    const { id, state, connectedAt } = live.call;
    const names = recordings.map(({ name }) => name);
    const last = recordings.at(-1)?.state;
    // That run may have died before this one's row was written. The next one must not get its name in any case.
    const next = nameOf(id, names.length);
    const at = connectedAt ?? this.#app.clock.now();
    const talks = isWithAgent(state);
    const run = newRun(id, recordings.at(-1)?.pauses);
    if (state === 'held') run.causes.add('hold');
    this.#running.set(id, [...names, next]);
    if (talks && live.campaign.recording && (last === undefined || last === 'stored')) {
      // Where the switch has none, ending it is in vain and no more.
      this.#errands.add('recording', { call: id }, () => this.#store.started(id, next, at, live.call));
      this.#wanted.set(next, run);
    } else {
      this.#unwritten.set(next, { callId: id, at });
      if (talks && last === 'recording') this.#wanted.set(names.at(-1)!, run).set(next, run);
      // Nobody talks: whatever runs was of a talk that is over.
      else
        this.left([...recordings.flatMap(({ name, state: is }) => (is === 'recording' ? name : [])), next]);
      if (!talks || last !== 'recording') return;
    }
    live.recording = run.causes.size > 0 ? 'paused' : 'on';
    live.recordingPausedByAgent = run.causes.has('agent');
  }

  /** The switch has closed the file, or says that there is none. */
  finished(name: string, failed: boolean, durationMs: number | null): void {
    this.#ending.delete(name);
    const unwritten = this.#unwritten.get(name);
    this.#unwritten.delete(name);
    // It was never begun, or its file is not known of: there is nothing to write down.
    if (unwritten && (failed || durationMs === null)) return;
    if (failed) {
      this.#errands.add('recording', { recording: name }, () =>
        this.#store.failed(name, this.#app.clock.now()),
      );
      return;
    }
    this.#errands.add('recording', { recording: name }, async () => {
      if (unwritten) await this.#store.started(unwritten.callId, name, unwritten.at);
      if (!(await this.#store.byName(name))) return;
      this.#toFetch.set(name, durationMs);
      void this.#queueFetches();
    });
  }

  /** Beside the errands: the queue of jobs may be away, and nothing that follows from a call is to wait for it. */
  async #queueFetches(): Promise<void> {
    if (this.#queueing || this.#stopped) return;
    this.#queueing = true;
    const { jobs, log, clock } = this.#app;
    try {
      for (const [name, durationMs] of this.#toFetch) {
        await jobs.add(this.#fetchJob, { name, durationMs }, { key: name, attempts: 8 });
        this.#toFetch.delete(name);
      }
    } catch (error) {
      log.warn({ waiting: this.#toFetch.size, error: String(error) }, 'recordings cannot be asked for yet');
      clock.after(queueAgainMs, () => void this.#queueFetches());
    } finally {
      this.#queueing = false;
    }
  }

  /** What is not asked for now, the next start asks for. */
  close(): void {
    this.#stopped = true;
  }
}

/** Each talk of a call has its own: on the switch a name must be free. */
function nameOf(callId: string, before: number): string {
  return before === 0 ? callId : `${callId}-${before + 1}`;
}
