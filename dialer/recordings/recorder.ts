import type { App } from '../../core/app.ts';
import { CommandRefused } from '../../core/bus/bus.ts';
import { isWithAgent } from '../calls/call.ts';
import { mayHaveLeft } from '../engine/channels.ts';
import { agentBridgeId } from '../engine/live-agents.ts';
import type { Errands } from '../engine/errands.ts';
import type { LiveCall } from '../engine/live-calls.ts';
import { TelephonyError, type Telephony } from '../telephony/telephony.ts';
import { beginPause, endPause, type PauseCause, type Recording, type RecordingPause } from './recording.ts';
import { FetchQueue } from './fetch-queue.ts';
import type { RecordingStore } from './recording-store.ts';
import { newRun, show, type Run } from './run.ts';

const againMs = 1_000;
/** What ends by itself sooner has a cause that lasts. */
const worthAgainMs = 3_000;
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
  /** Runs of which it is not known whether they go on, and what is to be called when it is. */
  readonly #whenSure = new Map<Run, () => void>();
  /** Names whose end the switch has not told yet. The agent's bridge outlives the call, so each must be brought to one. */
  readonly #ending = new Set<string>();
  /**
   * Names of recordings that an earlier run may have begun without writing their row, with the call. They are stopped in
   * any case, and get their row when the switch tells of them.
   */
  readonly #unwritten = new Map<string, { callId: string; at: number }>();
  readonly #files: FetchQueue;
  readonly #onChange: (callId: string) => void;

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
    this.#files = new FetchQueue(app, parts.dialerId);
  }

  start(live: LiveCall, userId: number): void {
    const callId = live.call.id;
    const names = this.#running.get(callId) ?? [];
    const name = nameOf(callId, names.length);
    this.#running.set(callId, [...names, name]);
    const at = this.#app.clock.now();
    const run = newRun(live, 'begins', at);
    this.#wanted.set(name, run);
    show(run);
    this.#errands.add('recording', { call: callId }, () =>
      this.#store.started(callId, name, at, { ...live.call, userId }),
    );
    run.begun = this.#telephony.record(agentBridgeId(userId), name).then(
      () => {
        run.phase = 'goes-on';
        // Stopped before it had begun: the bridge outlives the call, and the next customer would be recorded too.
        if (!this.#wanted.has(name)) this.#stopNamed(name);
      },
      (error: unknown) => {
        this.#app.log.warn({ call: callId, error: String(error) }, 'recording could not be started');
        // The request may have got there, and the talk goes on either way: the switch is asked.
        if (this.#wanted.has(name) && error instanceof TelephonyError && mayHaveLeft(error.fault))
          return this.#askSoon(run);
        this.#wanted.delete(name);
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

  /** Resolves when it is known whether it goes on, or it is to end. While the switch is away it waits for `stopLeft`. */
  #askSoon(run: Run): Promise<void> {
    run.phase = 'unsure';
    show(run);
    this.#onChange(run.live.call.id);
    this.#app.clock.after(againMs, () => {
      if (this.#isWanted(run) && run.phase === 'unsure' && this.#telephony.state === 'up')
        void this.#find(run);
    });
    return new Promise((resolve) => this.#whenSure.set(run, resolve));
  }

  /** While a customer is on hold nothing is recorded. */
  hold(live: LiveCall, on: boolean): void {
    const run = this.#runOf(live);
    if (!run) return;
    run.isOurs = true;
    this.#mark(run, 'hold', on);
    this.#settle(run);
  }

  /**
   * For what must not be heard later, as a card's number. Only what the switch has confirmed counts as paused; what it
   * has not confirmed is not left half done. @throws CommandRefused
   */
  async pauseByAgent(live: LiveCall, on: boolean): Promise<void> {
    const run = this.#runOf(live);
    if (!run) throw new CommandRefused('not-recorded');
    await run.begun;
    await this.#inTurn(run, () => this.#pauseNow(run, on));
  }

  async #pauseNow(run: Run, on: boolean): Promise<void> {
    const { live } = run;
    if (!this.#isWanted(run)) throw new CommandRefused('not-recorded');
    if (!on && !run.causes.has('agent')) return;
    run.isOurs = true;
    if (run.phase === 'waits') {
      this.#mark(run, 'agent', on);
      return this.#settle(run);
    }
    const wasPaused = run.causes.size > 0;
    const isPausedThen = on || run.causes.has('hold');
    try {
      // What is said to be paused already the switch may not have taken yet.
      if (on || wasPaused !== isPausedThen) await this.#pauseOnSwitch(run, isPausedThen);
    } catch (error) {
      const about = { call: live.call.id, on, error: String(error) };
      this.#app.log.warn(about, 'recording was not paused or resumed');
      void this.#insist(run);
      throw new CommandRefused(on ? 'recording-not-paused' : 'recording-not-resumed');
    }
    if (!this.#isWanted(run)) throw new CommandRefused('no-such-call');
    this.#mark(run, 'agent', on);
    // Held or taken back meanwhile.
    if (run.causes.size > 0 !== isPausedThen) void this.#insist(run);
  }

  /** One after the other: what a slow switch does last would stand, whatever was asked for last. */
  #inTurn<T>(run: Run, work: () => Promise<T>): Promise<T> {
    const done = run.turn.then(work);
    run.turn = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** What is recorded of this call now, or may be; undefined: nothing. */
  #runOf({ call }: LiveCall): Run | undefined {
    return this.#wanted.get(this.#mayRun(call.id).at(-1) ?? '');
  }

  async #pauseOnSwitch(run: Run, on: boolean): Promise<void> {
    await run.begun;
    if (!this.#isWanted(run)) return;
    await Promise.all(this.#mayRun(run.live.call.id).map((name) => this.#telephony.pauseRecording(name, on)));
  }

  /** Has the switch do what is wanted now; or begins a new part, where it has ended in the pause that is over. */
  #settle(run: Run): void {
    if (run.phase !== 'waits') void this.#insist(run);
    else if (run.causes.size === 0) this.#anew(run);
  }

  /** Notes the pause on the call and on the row of its recording. */
  #mark(run: Run, cause: PauseCause, on: boolean): void {
    const now = this.#app.clock.now();
    if (on) run.causes.add(cause);
    else run.causes.delete(cause);
    const isOn = run.causes.size > 0;
    this.#note(run, isOn ? beginPause(run.pauses, cause, now) : endPause(run.pauses, now));
    show(run);
    this.#onChange(run.live.call.id);
  }

  #note(run: Run, pauses: readonly RecordingPause[]): void {
    if (pauses === run.pauses) return;
    run.pauses = pauses;
    for (const name of this.#mayRun(run.live.call.id))
      this.#errands.add('recording', { recording: name }, () => this.#store.paused(name, pauses));
  }

  /**
   * Asks the switch for what is wanted until it has taken it, or the recording ends. What an earlier run has paused is
   * not resumed unasked: that may be a card's number, though its row does not say so yet.
   */
  async #insist(run: Run): Promise<void> {
    if (run.insisting || !this.#isWanted(run)) return;
    run.insisting = true;
    await run.begun;
    const taken = await this.#inTurn(run, () => this.#askAsWanted(run));
    const again = () => {
      run.insisting = false;
      if (taken !== 'leave' && taken !== run.causes.size > 0) void this.#insist(run);
    };
    if (taken !== null) again();
    else this.#app.clock.after(againMs, again);
  }

  /** What the switch has taken; null where it has not. */
  async #askAsWanted(run: Run): Promise<boolean | 'leave' | null> {
    const on = run.causes.size > 0;
    if (!on && !run.isOurs) return 'leave';
    try {
      await this.#pauseOnSwitch(run, on);
      return on;
    } catch (error) {
      const about = { call: run.live.call.id, on, error: String(error) };
      this.#app.log.warn(about, 'recording could not be paused or resumed yet');
      return null;
    }
  }

  #isWanted(run: Run): boolean {
    return this.#runOf(run.live) === run;
  }

  /** The last of a call; of one that an earlier run has left also the one before, as either may be it. */
  #mayRun(callId: string): string[] {
    const names = this.#running.get(callId) ?? [];
    const wanted = names.filter((name) => this.#wanted.has(name));
    return wanted.length > 0 ? wanted : names.slice(-1);
  }

  stop(live: LiveCall): void {
    const names = this.#mayRun(live.call.id);
    if (names.length === 0) return;
    const run = this.#runOf(live);
    if (run) {
      this.#note(run, endPause(run.pauses, this.#app.clock.now()));
      this.#sure(run);
    }
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
    await this.#findAll();
    for (const run of new Set(this.#wanted.values())) void this.#insist(run);
  }

  /**
   * A call of an earlier run goes on: its recording is found on the switch, and stopped when it ends. Again where it has
   * turned out since that it is a talk.
   */
  takeUp(live: LiveCall, recordings: readonly Recording[]): void {
    const { id, state, connectedAt } = live.call;
    const names = recordings.map(({ name }) => name);
    const last = recordings.at(-1)?.state;
    // That run may have died before this one's row was written. The next one must not get its name in any case.
    const next = nameOf(id, names.length);
    const at = connectedAt ?? this.#app.clock.now();
    const talks = isWithAgent(state);
    this.#running.set(id, [...names, next]);
    this.#unwritten.set(next, { callId: id, at });
    const begunThen = last === undefined || last === 'stored';
    if (!talks || !(last === 'recording' || (live.campaign.recording && begunThen)))
      // Whatever runs was of a talk that is over.
      return this.left([
        ...recordings.flatMap(({ name, state: is }) => (is === 'recording' ? name : [])),
        next,
      ]);
    for (const name of [...names, next]) this.#ending.delete(name);
    const run = newRun(live, 'unsure', at, recordings.at(-1)?.pauses);
    if (state === 'held') run.causes.add('hold');
    run.begun = new Promise((resolve) => this.#whenSure.set(run, resolve));
    if (last === 'recording') this.#wanted.set(names.at(-1)!, run);
    this.#wanted.set(next, run);
    show(run);
  }

  /**
   * Asks the switch which of the recordings that are to run it has: an earlier run of this dialer, or the link, may have
   * been away while they ended.
   */
  async #findAll(): Promise<void> {
    const begun = [...new Set(this.#wanted.values())].filter(
      ({ phase }) => phase === 'unsure' || phase === 'goes-on',
    );
    await Promise.all(begun.map((run) => this.#find(run)));
  }

  async #find(run: Run): Promise<void> {
    const { id: callId } = run.live.call;
    const names = this.#mayRun(callId);
    const { clock, log } = this.#app;
    try {
      const states = await Promise.all(names.map((name) => this.#telephony.recordingState(name)));
      // It may have ended in order meanwhile.
      if (this.#isWanted(run)) this.#found(run, names, states);
    } catch (error) {
      log.warn({ call: callId, error: String(error) }, 'the switch does not say whether it records');
      // While the switch is away it waits for `stopLeft`.
      clock.after(againMs, () => {
        if (this.#isWanted(run) && this.#telephony.state === 'up') void this.#find(run);
      });
    }
  }

  #found(run: Run, names: readonly string[], states: readonly ('goes-on' | 'paused' | null)[]): void {
    const { live } = run;
    if (states.every((state) => state === null)) return this.#hasEnded(run, names);
    const last = names.at(-1)!;
    const unwritten = this.#unwritten.get(last);
    if (unwritten && states.at(-1)) {
      this.#unwritten.delete(last);
      this.#errands.add('recording', { recording: last }, () =>
        this.#store.started(unwritten.callId, last, unwritten.at, live.call),
      );
    }
    const wasUnsure = run.phase === 'unsure';
    run.phase = 'goes-on';
    // Nobody knows for what, also in a hold: its agent, who may have asked for it, resumes it.
    if (wasUnsure && !run.causes.has('agent') && states.includes('paused')) this.#mark(run, 'agent', true);
    this.#sure(run);
    show(run);
    this.#onChange(live.call.id);
  }

  #sure(run: Run): void {
    this.#whenSure.get(run)?.();
    this.#whenSure.delete(run);
  }

  /** Nobody has asked for its end. What is paused stays so: what must not be heard is not recorded by a new part either. */
  #hasEnded(run: Run, names: readonly string[]): void {
    const { live } = run;
    this.#app.log.warn({ call: live.call.id }, 'the switch has ended a recording that was to go on');
    run.phase = 'waits';
    for (const name of names) this.finished(name, false, null);
    this.#sure(run);
    if (run.causes.size === 0) return this.#anew(run);
    show(run);
    this.#onChange(live.call.id);
  }

  #anew({ live }: Run): void {
    for (const name of this.#mayRun(live.call.id)) this.#wanted.delete(name);
    const { state, userId, id } = live.call;
    if (isWithAgent(state) && userId !== null && live.campaign.recording) this.start(live, userId);
    else live.recording = 'off';
    this.#onChange(id);
  }

  /** The switch has closed the file, or says that there is none. */
  finished(name: string, failed: boolean, durationMs: number | null): void {
    this.#ending.delete(name);
    const unwritten = this.#unwritten.get(name);
    this.#unwritten.delete(name);
    const run = this.#wanted.get(name);
    if (run?.phase === 'goes-on') this.#endedByItself(run, name);
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
      this.#files.add(name, durationMs);
    });
  }

  /** A switch ends it after some seconds in which nobody is heard: in a pause, or as a phone has gone. */
  #endedByItself(run: Run, name: string): void {
    const { live } = run;
    if (run.causes.size > 0) run.phase = 'waits';
    else if (this.#app.clock.now() - run.since >= worthAgainMs) return this.#anew(run);
    else {
      // As where the disk is full: it would end again at once.
      this.#wanted.delete(name);
      live.recording = 'failed';
      live.recordingPausedByAgent = false;
    }
    this.#onChange(live.call.id);
  }

  /** What is not asked for now, the next start asks for. */
  close(): void {
    this.#files.close();
  }
}

/** Each talk of a call has its own: on the switch a name must be free. */
function nameOf(callId: string, before: number): string {
  return before === 0 ? callId : `${callId}-${before + 1}`;
}
