import type { App } from '../../core/app.ts';
import { createDispositionStore, type Disposition, type DispositionCategory } from '../../campaigns/index.ts';
import { createPauseCodeStore } from '../agents/pause-code-store.ts';
import type { AgentCall, AgentSnapshot, DialerCommands, DispositionGiven } from '../protocol.ts';

export interface RobotOptions {
  /** Accounts that robots work until a person signs in to them. */
  readonly userIds: readonly number[];
  /** The same seed, the same choices. */
  readonly seed?: number;
  /** How long they talk before they hang up, if the customer has not, in milliseconds. */
  readonly talkMs?: { readonly least: number; readonly mean: number };
  readonly wrapupMs?: { readonly least: number; readonly most: number };
  /** Chance of a break after a call. */
  readonly breakChance?: number;
  /** What they write down of a call before its disposition. */
  readonly beforeDisposing?: (call: AgentCall, userId: number, disposition: Disposition) => Promise<void>;
}

export interface RobotAgents {
  start(): Promise<void>;
  /** Signs out those that robots still work. May be called twice. */
  close(): Promise<void>;
}

const hourMs = 3_600_000;
const returnAfterMs = 60_000;

/** How often each kind of disposition is given. */
const weights: Readonly<Record<DispositionCategory, number>> = {
  no_decision: 30,
  refused: 26,
  interested: 16,
  sale: 12,
  callback: 8,
  wrong_person: 4,
  other: 3,
  dnc: 1,
};

/**
 * Agents for the demo and for tests. They work through the same commands as a person: sign in, become ready, talk,
 * hang up, give a disposition after some writing, take a break now and then.
 */
export function createRobotAgents(
  app: Pick<App, 'bus' | 'clock' | 'log' | 'db'>,
  options: RobotOptions,
): RobotAgents {
  const random = randomFrom(options.seed ?? 1);
  const robots = new Map<number, Robot>();
  const crew: Crew = {
    app,
    random,
    options,
    dispositions: createDispositionStore(app),
    pauseCodes: createPauseCodeStore(app),
  };
  let stops: (() => void)[] = [];
  let closed: Promise<void> | undefined;

  return {
    async start() {
      for (const userId of options.userIds) robots.set(userId, new Robot(crew, userId));
      stops = [
        app.bus.subscribe('agent.snapshot.*', (payload) => {
          const snapshot = payload as AgentSnapshot;
          robots.get(snapshot.userId)?.see(snapshot);
        }),
        app.bus.subscribe('agent.person', (payload) =>
          robots.get((payload as { userId: number }).userId)?.leave(),
        ),
        // An event may be lost; a robot that hears nothing looks for itself.
        app.clock.every(15_000, () => {
          for (const robot of robots.values()) robot.look();
        }),
      ];
      await Promise.all([...robots.values()].map((robot) => robot.begin()));
    },
    close: () =>
      (closed ??= (async () => {
        for (const stop of stops) stop();
        await Promise.allSettled([...robots.values()].map((robot) => robot.end()));
      })()),
  };
}

interface Crew {
  readonly app: Pick<App, 'bus' | 'clock' | 'log' | 'db'>;
  readonly random: () => number;
  readonly options: RobotOptions;
  readonly dispositions: ReturnType<typeof createDispositionStore>;
  readonly pauseCodes: ReturnType<typeof createPauseCodeStore>;
}

class Robot {
  readonly #crew: Crew;
  readonly #userId: number;
  /** What it is about to do, and in which situation that was decided. */
  #plan: { for: string; cancel: () => void } | null = null;
  /** What is on the line in the call that it has, or had last. */
  #heard: { callId: string; voice: string | null } = { callId: '', voice: null };
  #away = false;
  #ended = false;

  constructor(crew: Crew, userId: number) {
    this.#crew = crew;
    this.#userId = userId;
  }

  async begin(): Promise<void> {
    try {
      this.see(await this.#ask('agent.sign-in', { userId: this.#userId, robot: true }));
    } catch (error) {
      this.#crew.app.log.debug(
        { user: this.#userId, error: String(error) },
        'robot could not sign in; it tries again',
      );
    }
  }

  look(): void {
    if (this.#ended || this.#away) return;
    this.#ask('agent.snapshot', { userId: this.#userId }).then(
      (snapshot) => this.see(snapshot),
      () => {},
    );
  }

  /** A person has signed in: it is theirs until they have signed out. */
  leave(): void {
    this.#away = true;
    this.#drop();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#drop();
    if (!this.#away)
      await this.#ask('agent.force', { userId: this.#userId, by: 0, to: 'signed-out', reason: 'demo ends' });
  }

  see(snapshot: AgentSnapshot): void {
    if (this.#ended) return;
    if (this.#away) {
      if (snapshot.state === 'signed-out')
        this.#intend('return', returnAfterMs, () => {
          this.#away = false;
          return this.begin();
        });
      return;
    }
    const { state, call, preview, phone } = snapshot;
    switch (state) {
      case 'signed-out':
        return this.#intend('sign-in', this.#between(1_000, 4_000), () => this.begin());
      case 'paused':
        if (phone === 'lost') return this.#intend('phone', 5_000, () => this.begin());
        if (phone !== 'up') return;
        return this.#intend(`back ${snapshot.since}`, this.#pauseMs(snapshot), () =>
          this.#ask('agent.ready', { userId: this.#userId }),
        );
      case 'reserved':
        if (!preview || call) return;
        return this.#intend(`preview ${preview.leadId}`, this.#between(3_000, 9_000), () =>
          this.#ask('agent.preview-dial', { userId: this.#userId, leadId: preview.leadId }),
        );
      case 'on-call':
        if (!call) return;
        if (this.#heard.callId !== call.id)
          return this.#intend(`hear ${call.id}`, 500, () => this.#hear(call.id, snapshot));
        return this.#intend(`hang up ${call.id}`, this.#talkMs(), () =>
          this.#ask('agent.hangup', { userId: this.#userId, callId: call.id }),
        );
      case 'wrapup':
        if (!call) return;
        return this.#intend(`dispose ${call.id}`, this.#wrapupMs(), () => this.#dispose(snapshot));
      case 'ready':
        return this.#drop();
    }
  }

  #pauseMs({ pauseCodeId }: AgentSnapshot): number {
    return pauseCodeId === null ? this.#between(500, 3_000) : this.#between(60_000, 240_000);
  }

  async #hear(callId: string, snapshot: AgentSnapshot): Promise<void> {
    const asked = this.#ask('agent.hears', { userId: this.#userId, callId });
    const { voice } = await asked.catch(() => ({ voice: null }));
    this.#heard = { callId, voice };
    this.see(snapshot);
  }

  /** Nobody talks to a machine for long. */
  #talkMs(): number {
    if (this.#heard.voice === 'machine') return this.#between(3_000, 9_000);
    const { least, mean } = this.#crew.options.talkMs ?? { least: 15_000, mean: 90_000 };
    return least - Math.log(1 - this.#crew.random()) * Math.max(1, mean - least);
  }

  #wrapupMs(): number {
    const { least, most } = this.#crew.options.wrapupMs ?? { least: 3_000, most: 15_000 };
    return this.#between(least, most);
  }

  async #dispose({ call }: AgentSnapshot): Promise<void> {
    if (!call) return;
    const { random, app, dispositions, pauseCodes, options } = this.#crew;
    const disposition = pick(
      await dispositions.ofCampaign(call.campaignId),
      random,
      call.outcome === 'answered',
      this.#heard.callId === call.id ? this.#heard.voice : null,
    );
    if (!disposition) return;
    await options.beforeDisposing?.(call, this.#userId, disposition);
    const codes = random() < (options.breakChance ?? 0.02) ? await pauseCodes.all({ activeOnly: true }) : [];
    const code = codes[Math.floor(random() * Math.min(2, codes.length))];
    const callback: DispositionGiven['callback'] =
      disposition.category === 'callback'
        ? { dueAt: app.clock.now() + Math.round(this.#between(hourMs, 48 * hourMs)), mine: random() < 0.5 }
        : undefined;
    await this.#ask('agent.dispose', {
      userId: this.#userId,
      callId: call.id,
      dispositionId: disposition.id,
      note: '',
      ...(callback ? { callback } : {}),
      ...(code ? { next: 'paused', pauseCodeId: code.id } : { next: 'ready' }),
    });
  }

  /** Does it later, unless the situation has changed by then. The same intention is not begun twice. */
  #intend(situation: string, ms: number, act: () => Promise<unknown>): void {
    if (this.#plan?.for === situation) return;
    this.#drop();
    const cancel = this.#crew.app.clock.after(ms, () => {
      this.#plan = null;
      act().catch((error: unknown) =>
        this.#crew.app.log.debug(
          { user: this.#userId, situation, error: String(error) },
          'robot was refused',
        ),
      );
    });
    this.#plan = { for: situation, cancel };
  }

  #drop(): void {
    this.#plan?.cancel();
    this.#plan = null;
  }

  #between(low: number, high: number): number {
    return low + (high - low) * this.#crew.random();
  }

  #ask<Name extends keyof DialerCommands>(
    name: Name,
    payload: DialerCommands[Name][0],
  ): Promise<DialerCommands[Name][1]> {
    return this.#crew.app.bus.request(name, payload);
  }
}

function pick(
  dispositions: readonly Disposition[],
  random: () => number,
  talked: boolean,
  voice: string | null,
): Disposition | null {
  const fitting = talked
    ? thoseFor(voice, dispositions)
    : dispositions.filter(({ category }) => category === 'no_decision');
  const weightOf = ({ category }: Disposition) => weights[category] / share(fitting, category);
  let left = random() * fitting.reduce((sum, disposition) => sum + weightOf(disposition), 0);
  for (const disposition of fitting) {
    left -= weightOf(disposition);
    if (left < 0) return disposition;
  }
  return fitting.at(-1) ?? null;
}

/** What an agent can say who has heard this voice; all where nothing of it fits. */
function thoseFor(voice: string | null, dispositions: readonly Disposition[]): readonly Disposition[] {
  if (voice === null) return dispositions;
  const fitting = dispositions.filter(
    ({ answeredBy }) => (answeredBy === 'machine') === (voice === 'machine'),
  );
  return fitting.length > 0 ? fitting : dispositions;
}

function share(dispositions: readonly Disposition[], category: DispositionCategory): number {
  return Math.max(1, dispositions.filter((disposition) => disposition.category === category).length);
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
