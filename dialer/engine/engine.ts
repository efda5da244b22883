import { CommandRefused } from '../../core/bus/bus.ts';
import type { Campaign } from '../../campaigns/index.ts';
import { isInFlight } from '../calls/call.ts';
import type { PauseCodeStore } from '../agents/pause-code-store.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import type { DialerStatus, PacingView } from '../protocol.ts';
import { Recorder } from '../recordings/recorder.ts';
import type { TelephonyEvent } from '../telephony/telephony.ts';
import type { Actions } from './actions.ts';
import { AgentCalls } from './agent-calls.ts';
import { AgentDesk } from './agent-desk.ts';
import { AgentPhones } from './agent-phones.ts';
import { Announcer, type IdentificationMedia } from './announcer.ts';
import { Answering } from './answering.ts';
import { CallEnd } from './call-end.ts';
import { CampaignRunner, type PacerFactory } from './campaign-runner.ts';
import { answerCommands } from './commands.ts';
import type { DialerContext } from './context.ts';
import { Dialling } from './dialling.ts';
import type { LiveAgent } from './live-agents.ts';
import { PacingFeed } from './pacing-feed.ts';
import { PreviewRunner } from './previews.ts';
import { Reconciler } from './reconcile.ts';
import { Roster, type RosterEntry } from './roster.ts';
import { snapshotOf } from './snapshot.ts';
import { TrunkTest } from './trunk-test.ts';

const tickMs = 250;
/** Calls on a switch that is away for longer are taken to be over. */
const switchPatienceMs = 30_000;
/** Between a switch that is known not to run and the end of the calls that were on it. */
const restartPatienceMs = 2_000;

export interface EngineOptions {
  readonly pacerFactory?: PacerFactory;
  readonly identificationMedia: IdentificationMedia;
  /** Told of each campaign that runs, at every reading. */
  readonly campaignRuns?: (campaign: Campaign) => void;
  readonly agentStore: AgentStore;
  readonly pauseCodes: PauseCodeStore;
}

/** The parts of one dialer, put together: events of the switch go in, calls come out. */
export class Engine {
  /** What keeps the switch away, in words; null while it is there. */
  #switchFault: string | null = null;
  readonly #ctx: DialerContext;
  readonly #options: EngineOptions;
  readonly #startedAt: number;
  readonly roster: Roster;
  readonly #phones: AgentPhones;
  readonly #desk: AgentDesk;
  readonly #dialling: Dialling;
  readonly #answering: Answering;
  readonly #announcer: Announcer;
  readonly #recorder: Recorder;
  readonly #agentCalls: AgentCalls;
  readonly #reconciler: Reconciler;
  readonly #feed: PacingFeed;
  readonly #trunkTest: TrunkTest;
  readonly #actions: Actions;
  readonly #runners = new Map<number, CampaignRunner>();
  readonly #previews = new Map<number, PreviewRunner>();
  readonly #toTell = new Set<LiveAgent>();
  #lastViews = new Map<number, string>();
  #stops: (() => void)[] = [];
  #stopPatience: (() => void) | null = null;
  #patienceUntil = 0;
  #agentsPoked = false;
  #stopped = false;

  constructor(ctx: DialerContext, options: EngineOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#startedAt = ctx.app.clock.now();
    const actions: Actions = {
      end: (...args) => callEnd.end(...args),
      settle: (...args) => callEnd.settle(...args),
      dial: (live) => this.#dialling.dial(live),
      personWaits: (live) => this.#answering.personWaits(live),
      phoneLost: (agent) => this.#phoneLost(agent),
      phoneBack: (agent) => this.#answering.phoneBack(agent),
    };
    this.#actions = actions;
    this.roster = new Roster(ctx, (entries) => this.#campaigns(entries));
    this.#phones = new AgentPhones(ctx, actions);
    this.#desk = new AgentDesk(ctx, actions);
    this.#recorder = new Recorder(ctx.app, {
      telephony: ctx.telephony,
      store: ctx.stores.recordings,
      errands: ctx.errands,
      onChange: (callId) => {
        const agent = ctx.agents.byCall(callId);
        if (agent) this.#tell(agent);
      },
    });
    const callEnd = new CallEnd(ctx, { phones: this.#phones, recorder: this.#recorder });
    this.#dialling = new Dialling(ctx, actions);
    this.#announcer = new Announcer(ctx, actions, options.identificationMedia);
    this.#answering = new Answering(ctx, actions, {
      phones: this.#phones,
      recorder: this.#recorder,
      roster: this.roster,
      announcer: this.#announcer,
    });
    this.#agentCalls = new AgentCalls(ctx, actions, { roster: this.roster, phones: this.#phones });
    this.#reconciler = new Reconciler(ctx, actions, { phones: this.#phones, desk: this.#desk });
    this.#feed = new PacingFeed(ctx, this.roster, () => this.#runners.values());
    this.#trunkTest = new TrunkTest(ctx);
    this.#listenToMachines();
  }

  /** Takes up what is in the database, then listens, then dials as soon as the switch is there. */
  async start(): Promise<void> {
    const { app, agents, telephony } = this.#ctx;
    await this.#loadTrunks();
    for (const agent of await this.#options.agentStore.all()) agents.adopt(agent);
    await this.#reconciler.takeUpRows(agents.signedIn());
    await this.#knowPhones();
    await this.roster.start();
    this.#stops.push(
      telephony.on((event) => this.#onTelephony(event)),
      app.bus.subscribe('trunks.changed', () => void this.#loadTrunks().catch(() => {})),
      app.bus.subscribe('dnc.added', (payload) => this.#dncAdded(payload)),
      app.clock.every(tickMs, () => this.#tick()),
      answerCommands(this.#ctx, {
        actions: this.#actions,
        phones: this.#phones,
        desk: this.#desk,
        agentCalls: this.#agentCalls,
        recorder: this.#recorder,
        pauseCodes: this.#options.pauseCodes,
        trunkTest: this.#trunkTest,
        previewOf: (campaignId) => this.#previews.get(campaignId),
        pacingOf: (campaignId) => this.#pacingOf(campaignId),
        snapshot: (live) => snapshotOf(this.#ctx, this.roster, live),
        status: () => this.status(),
      }),
    );
    if (telephony.state === 'up') void this.#switchUp();
    else this.#waitForSwitch(switchPatienceMs);
  }

  /** Agents of an earlier run: their phones are known again, and adopted or rung when the switch is there. */
  async #knowPhones(): Promise<void> {
    for (const live of this.#ctx.agents.signedIn()) {
      const user = await this.#ctx.stores.users.byId(live.agent.userId);
      if (user && user.disabledAt === null) await this.#phones.know(live, user);
      else this.#ctx.agents.apply(live, { type: 'force-out' });
    }
  }

  #listenToMachines(): void {
    const { calls, agents } = this.#ctx;
    calls.onTransition((live, before, event) => {
      const runner = this.#runners.get(live.call.campaignId ?? 0);
      if (live.forAgent === null) runner?.callChanged(live, before !== null && isInFlight(before.state));
      this.#feed.call(live, before, event.type);
      const agent = agents.byCall(live.call.id);
      if (agent) this.#tell(agent);
    });
    agents.onTransition((live, before) => {
      const { agent } = live;
      this.#tell(live);
      if (agent.state === before.state && agent.phone === before.phone) return;
      if (before.state === 'reserved' && live.preview) this.#withdrawPreview(live);
      if (agent.state === 'wrapup' && before.state !== 'wrapup') this.#desk.watchWrapup(live);
      if (agent.state === 'signed-out') this.#phones.close(live);
      if (agent.state === 'on-call' && agent.campaignId !== null) void this.#desk.prepare(agent.campaignId);
      this.#pokeAgents(live);
    });
  }

  /** Several transitions of one turn are looked at together, when all of them have happened. */
  #pokeAgents(live: LiveAgent): void {
    if (live.agent.state === 'ready') queueMicrotask(() => this.#answering.agentFree(live));
    if (this.#agentsPoked) return;
    this.#agentsPoked = true;
    queueMicrotask(() => {
      this.#agentsPoked = false;
      if (this.#stopped) return;
      this.#feed.agents();
      for (const runner of this.#runners.values()) runner.poke();
      for (const preview of this.#previews.values()) preview.tick();
    });
  }

  #withdrawPreview(live: LiveAgent): void {
    const { preview, agent } = live;
    if (preview && agent.callId === null) this.#previews.get(preview.campaignId)?.withdrawn(live);
  }

  #phoneLost(live: LiveAgent): void {
    if (live.preview) this.#withdrawPreview(live);
    this.#answering.phoneLost(live);
  }

  #onTelephony(event: TelephonyEvent): void {
    switch (event.type) {
      case 'up':
        this.#switchFault = null;
        return void this.#switchUp();
      case 'down':
        this.#switchFault = event.why;
        return this.#waitForSwitch(event.notRunning ? restartPatienceMs : switchPatienceMs);
      case 'endpoint':
        return event.online ? this.#phones.endpointOnline(event.endpoint) : undefined;
      case 'playback-finished':
        return this.#announcer.playbackFinished(event.playbackId, event.failed);
      case 'recording-finished':
        return this.#recorder.finished(event.name, event.failed, event.durationMs);
      case 'started':
        return event.incoming ? this.#refuseIncoming(event.channelId) : undefined;
      case 'ringing':
      case 'answered':
      case 'amd':
      case 'dtmf':
      case 'ended':
        return this.#onChannel(event);
      default:
        return undefined;
    }
  }

  #onChannel(
    event: Extract<TelephonyEvent, { type: 'ringing' | 'answered' | 'amd' | 'dtmf' | 'ended' }>,
  ): void {
    const { channels, calls, agents } = this.#ctx;
    const { channelId } = event;
    const owner = event.type === 'ended' ? channels.gone(channelId) : channels.owner(channelId);
    if (!owner || owner.kind === 'stray') return;
    if (owner.kind === 'test') {
      if (event.type === 'answered') owner.answered();
      if (event.type === 'ended') owner.ended(event.cause, event.dialStatus);
      return;
    }
    if (owner.kind === 'agent') {
      const live = agents.get(owner.userId);
      if (live && event.type === 'answered') this.#phones.answered(live, channelId);
      if (live && event.type === 'ended') this.#phones.lost(live, channelId);
      return;
    }
    const live = calls.get(owner.callId);
    if (!live) {
      if (event.type === 'answered') channels.drop(channelId);
      return;
    }
    switch (event.type) {
      case 'ringing':
        return this.#dialling.ringing(live, channelId);
      case 'answered':
        this.#dialling.trunkWorked(owner.trunkId);
        return this.#answering.answered(live, channelId);
      case 'amd':
        return this.#answering.detected(live, event.result);
      case 'dtmf':
        return this.#announcer.pressed(live, event.digit);
      case 'ended':
        if (live.channelId !== channelId || live.call.state === 'ended') return;
        if (live.call.state === 'dialing' || live.call.state === 'ringing')
          return this.#dialling.unanswered(live, owner.trunkId, event.cause, event.dialStatus);
        return this.#actions.end(live, 'answered', 'customer', event.cause);
    }
  }

  /** Nobody takes calls from outside yet: the caller hears busy instead of silence. */
  #refuseIncoming(channelId: string): void {
    this.#ctx.telephony.hangup(channelId, 'busy').catch(() => {});
  }

  async #switchUp(): Promise<void> {
    this.#stopPatience?.();
    this.#stopPatience = null;
    await this.#putTrunks();
    await this.#reconciler.withSwitch();
    this.#tick();
  }

  /** A cut connection leaves the calls alone for a while; once nothing listens any more, they are gone. */
  #waitForSwitch(patienceMs: number): void {
    const { clock } = this.#ctx.app;
    const until = clock.now() + patienceMs;
    if (this.#stopPatience && until >= this.#patienceUntil) return;
    this.#stopPatience?.();
    this.#patienceUntil = until;
    this.#stopPatience = clock.after(patienceMs, () => this.#reconciler.giveUp());
  }

  async #loadTrunks(): Promise<void> {
    const { stores, trunks, app, telephony } = this.#ctx;
    trunks.load(await stores.trunks.all(), app.clock.now());
    if (telephony.state === 'up') await this.#putTrunks();
  }

  async #putTrunks(): Promise<void> {
    const { stores, trunks, app, telephony } = this.#ctx;
    for (const { trunk } of trunks.status(app.clock.now())) {
      const { id, host, port, transport, username, register, codecs } = trunk;
      try {
        const name = `trunk-${id}`;
        if (!trunk.enabled) {
          await telephony.removeEndpoint(name);
          continue;
        }
        const password = await stores.trunks.password(id);
        const taken = await telephony.putEndpoint({
          ...{ kind: 'trunk', name, host, port, transport, username, password, register },
          codecs: [...codecs],
        });
        if (!taken) app.log.debug({ trunk: id }, 'the switch takes trunks from its files only');
      } catch (error) {
        app.log.warn({ trunk: id, error: String(error) }, 'the switch did not take this trunk');
      }
    }
  }

  #campaigns(entries: ReadonlyMap<number, RosterEntry>): void {
    const { app } = this.#ctx;
    for (const [id, runner] of this.#runners) {
      const entry = entries.get(id);
      if (entry && entry.campaign.mode !== 'preview') continue;
      runner.stop();
      this.#runners.delete(id);
    }
    for (const [id, preview] of this.#previews) {
      if (entries.get(id)?.campaign.mode === 'preview') continue;
      preview.stop();
      this.#previews.delete(id);
    }
    for (const [id, entry] of entries) {
      this.#options.campaignRuns?.(entry.campaign);
      if (entry.campaign.mode === 'preview') {
        const preview = this.#previews.get(id);
        if (preview) preview.update(entry);
        else
          this.#previews.set(
            id,
            new PreviewRunner(
              this.#ctx,
              { roster: this.roster, calls: this.#agentCalls, onChange: (live) => this.#tell(live) },
              entry,
            ),
          );
        continue;
      }
      const runner = this.#runners.get(id);
      if (runner) runner.update(entry);
      else {
        app.log.info({ campaign: id, mode: entry.campaign.mode }, 'campaign runs');
        this.#runners.set(
          id,
          new CampaignRunner(this.#ctx, this.#actions, this.roster, entry, this.#options.pacerFactory),
        );
      }
    }
    for (const live of this.#ctx.agents.signedIn()) this.#tell(live);
    this.#feed.agents();
  }

  #tick(): void {
    if (this.#stopped) return;
    this.#feed.agents();
    this.#feed.lines();
    for (const runner of this.#runners.values()) runner.tick();
    for (const preview of this.#previews.values()) preview.tick();
    for (const { campaignId, view } of this.#views()) {
      const { at: _, ...content } = view;
      const text = JSON.stringify(content);
      if (this.#lastViews.get(campaignId) === text) continue;
      this.#lastViews.set(campaignId, text);
      this.#ctx.app.bus.publish(`campaign.pacing.${campaignId}`, view);
    }
  }

  *#views(): Iterable<{ campaignId: number; view: PacingView }> {
    for (const runner of this.#runners.values()) yield { campaignId: runner.campaignId, view: runner.view() };
    for (const preview of this.#previews.values())
      yield { campaignId: preview.campaignId, view: preview.view() };
  }

  async #pacingOf(campaignId: number): Promise<PacingView> {
    const running = this.#runners.get(campaignId) ?? this.#previews.get(campaignId);
    if (running) return running.view();
    const campaign = await this.#ctx.stores.campaigns.get(campaignId).catch(() => null);
    if (!campaign) throw new CommandRefused('invalid', { field: 'campaignId' });
    return {
      campaignId,
      at: this.#ctx.app.clock.now(),
      mode: campaign.mode,
      launch: 0,
      reason: 'not-running',
      facts: {},
      linesInFlight: 0,
      hopper: 0,
      notDialing: { code: 'not-running', params: { state: campaign.state }, until: null },
    };
  }

  /** A number that was put on a DNC list while it rings is not connected. */
  #dncAdded(payload: unknown): void {
    const { e164, campaignId } = (payload ?? {}) as { e164?: unknown; campaignId?: unknown };
    if (typeof e164 !== 'string') return;
    for (const live of [...this.#ctx.calls.open()])
      if (
        live.call.e164 === e164 &&
        (campaignId == null || campaignId === live.call.campaignId) &&
        isInFlight(live.call.state)
      )
        this.#actions.end(live, 'cancelled', 'system');
  }

  /** Pages are told once for all that happens to an agent in one turn. */
  #tell(live: LiveAgent): void {
    if (this.#toTell.size === 0) queueMicrotask(() => this.#tellAll());
    this.#toTell.add(live);
  }

  #tellAll(): void {
    const agents = [...this.#toTell];
    this.#toTell.clear();
    for (const live of agents)
      this.#ctx.app.bus.publish(
        `agent.snapshot.${live.agent.userId}`,
        snapshotOf(this.#ctx, this.roster, live),
      );
  }

  status(): DialerStatus {
    const { app, telephony, calls, agents, trunks, dialerId, simulatedPhones } = this.#ctx;
    return {
      dialerId,
      startedAt: this.#startedAt,
      switchFault: this.#switchFault,
      switch: telephony.state === 'up' ? 'up' : telephony.state === 'connecting' ? 'connecting' : 'down',
      simulator: simulatedPhones,
      calls: [...calls.open()].length,
      agents: agents.signedIn().length,
      trunks: trunks.status(app.clock.now()).map(({ trunk, channelsInUse, restsUntil }) => ({
        id: trunk.id,
        name: trunk.name,
        channelsInUse,
        channels: trunk.channels,
        failing: restsUntil !== null,
      })),
    };
  }

  /** Places no more calls; those that live go on at the switch, and are taken up by the next start. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#stopPatience?.();
    this.roster.stop();
    for (const runner of this.#runners.values()) runner.stop();
    for (const preview of this.#previews.values()) preview.stop();
  }
}
