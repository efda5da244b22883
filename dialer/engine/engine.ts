import type { Campaign } from '../../campaigns/index.ts';
import type { PauseCodeStore } from '../agents/pause-code-store.ts';
import type { AgentStore } from '../agents/agent-store.ts';
import type { CellStore } from '../cells/cell-store.ts';
import { Heartbeat } from '../cells/heartbeat.ts';
import { isInFlight } from '../calls/call.ts';
import type { DialerStatus } from '../protocol.ts';
import { Recorder } from '../recordings/recorder.ts';
import type { Actions } from './actions.ts';
import { AgentCalls } from './agent-calls.ts';
import { AgentDesk } from './agent-desk.ts';
import { AgentEndpoints } from './agent-endpoints.ts';
import { AgentPhones } from './agent-phones.ts';
import { AgentsAccounts } from './agents-accounts.ts';
import { Announcements } from './announcements.ts';
import { Announcer, type IdentificationMedia } from './announcer.ts';
import { Answering } from './answering.ts';
import { CallEnd } from './call-end.ts';
import { CallsInHand } from './calls-in-hand.ts';
import type { PacerFactory } from './campaign-pacer.ts';
import { answerCommands } from './commands.ts';
import { ConsultLegs } from './consult-legs.ts';
import type { DialerContext } from './context.ts';
import { Dialling } from './dialling.ts';
import { Holding } from './holding.ts';
import { Detection } from './detection.ts';
import { MachineMessages, type MachineMedia } from './machine-messages.ts';
import type { LiveAgent } from './live-agents.ts';
import { LateBlock } from './late-block.ts';
import { LeftBehind } from './left-behind.ts';
import { Monitors } from './monitors.ts';
import { mayTakeUp, Parking } from './parking.ts';
import { Reconciler } from './reconcile.ts';
import { Roster } from './roster.ts';
import { Routing } from './routing.ts';
import { RunningCampaigns } from './running-campaigns.ts';
import { floorOf, snapshotOf } from './snapshot.ts';
import { SnapshotTeller } from './snapshot-teller.ts';
import { SwitchEvents } from './switch-events.ts';
import { SwitchLink } from './switch-link.ts';
import { SwitchWatch } from './switch-watch.ts';
import { Transfers } from './transfers.ts';
import { TrunkReach } from './trunk-reach.ts';
import { NumberKeeper } from '../line-health/number-keeper.ts';
import { TrunkKeeper } from '../line-health/trunk-keeper.ts';
import { TrunkTest } from './trunk-test.ts';

const tickMs = 250;
const supersededFault =
  'another process runs under this dialer’s name: give each its own DIALER_ID, or stop one';

export interface EngineOptions {
  readonly pacerFactory?: PacerFactory;
  readonly identificationMedia: IdentificationMedia;
  readonly machineMedia: MachineMedia;
  /** Told of each campaign that runs, at every reading. */
  readonly campaignRuns?: (campaign: Campaign) => void;
  readonly agentStore: AgentStore;
  readonly cells: CellStore;
  readonly pauseCodes: PauseCodeStore;
  /** Another process runs under this dialer's name: neither rows nor switch are this one's any more. */
  readonly superseded: () => void;
  /** It is gone: this process could do its work again, begun anew. */
  readonly nameFree: () => void;
}

/** The parts of one dialer, put together: events of the switch go in, calls come out. */
export class Engine {
  readonly #ctx: DialerContext;
  readonly #options: EngineOptions;
  readonly #startedAt: number;
  readonly roster: Roster;
  readonly #phones: AgentPhones;
  readonly #desk: AgentDesk;
  readonly #answering: Answering;
  readonly #detection: Detection;
  readonly #recorder: Recorder;
  readonly #agentCalls: AgentCalls;
  readonly #callEnd: CallEnd;
  readonly #transfers: Transfers;
  readonly #holding: Holding;
  readonly #parking: Parking;
  readonly #reconciler: Reconciler;
  readonly #campaigns: RunningCampaigns;
  readonly #link: SwitchLink;
  readonly #events: SwitchEvents;
  readonly #watch: SwitchWatch;
  readonly #actions: Actions;
  readonly #lateBlock: LateBlock;
  readonly #pages: SnapshotTeller;
  readonly #heartbeat: Heartbeat;
  readonly #accounts: AgentsAccounts;
  readonly #announcements: Announcements;
  readonly #monitors: Monitors;
  readonly #reach: TrunkReach;
  readonly #keeper: TrunkKeeper;
  #isFirst = true;
  #peers: readonly string[] = [];
  #stops: (() => void)[] = [];
  #agentsPoked = false;
  #stopped = false;
  #isSuperseded = false;

  constructor(ctx: DialerContext, options: EngineOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#startedAt = ctx.app.clock.now();
    this.#reach = new TrunkReach(ctx);
    this.#keeper = new TrunkKeeper(ctx.app, ctx.trunks, () => this.#isFirst && !this.#stopped);
    const actions: Actions = {
      end: (...args) => callEnd.end(...args),
      settle: (...args) => callEnd.settle(...args),
      dial: (live) => dialling.dial(live),
      personWaits: (live) => this.#answering.personWaits(live),
      detected: (...args) => this.#detection.detected(...args),
      watchDetection: (live) => this.#detection.watch(live),
      announce: (live, reason) => this.#answering.announce(live, reason),
      phoneLost: (agent, soundlessSince) => this.#phoneLost(agent, soundlessSince),
      phoneBack: (agent) => void this.#answering.phoneBack(agent),
    };
    this.#actions = actions;
    this.#lateBlock = new LateBlock(ctx, actions);
    this.roster = new Roster(ctx, (entries) => {
      this.#campaigns.update(entries);
      void this.#desk.prepare(entries.keys());
      for (const live of ctx.agents.signedIn()) this.#pages.tell(live);
    });
    this.#pages = new SnapshotTeller(ctx, this.roster);
    const endpoints = new AgentEndpoints(ctx);
    this.#announcements = new Announcements(ctx);
    const hasToRead = (live: LiveAgent) => this.#announcements.hasToRead(live);
    this.#phones = new AgentPhones(ctx, actions, { endpoints, hasToRead });
    this.#accounts = new AgentsAccounts(ctx, this.#phones, endpoints);
    this.#desk = new AgentDesk(ctx, actions);
    this.#recorder = new Recorder(ctx.app, {
      dialerId: ctx.dialerId,
      telephony: ctx.telephony,
      store: ctx.stores.recordings,
      errands: ctx.errands,
      onChange: (callId) => {
        for (const agent of ctx.agents.allByCall(callId)) this.#pages.tell(agent);
      },
    });
    const inHand = new CallsInHand();
    this.#monitors = new Monitors(
      ctx,
      { endpoints, phones: this.#phones, recorder: this.#recorder, inHand },
      (userId) => this.#monitorsChanged(userId),
    );
    const callEnd = (this.#callEnd = new CallEnd(ctx, {
      phones: this.#phones,
      recorder: this.#recorder,
      leave: (live, userId) => this.#desk.keepTyped(live, userId, 'left'),
    }));
    const isSwitchReady = () => this.#link.isReady;
    const legs = new ConsultLegs(ctx, actions, {
      ...{ phones: this.#phones, recorder: this.#recorder, isSwitchReady },
      mayConnect: (side) => this.#lateBlock.mayConnect(side),
    });
    this.#transfers = new Transfers(ctx, actions, {
      ...{ phones: this.#phones, recorder: this.#recorder, legs, inHand, roster: this.roster },
    });
    this.#holding = new Holding(ctx, {
      ...{ legs, inHand, recorder: this.#recorder, monitors: this.#monitors },
    });
    const dialling = new Dialling(ctx, actions, this.roster);
    const announcer = new Announcer(ctx, actions, options.identificationMedia);
    const messages = new MachineMessages(ctx, actions, {
      mediaFor: options.machineMedia,
      prepare: (live) => announcer.prepare(live),
    });
    this.#detection = new Detection(ctx, actions, { roster: this.roster, messages });
    this.#answering = new Answering(ctx, actions, {
      detection: this.#detection,
      phones: this.#phones,
      recorder: this.#recorder,
      roster: this.roster,
      announcer,
      lateBlock: this.#lateBlock,
      ...{ legs, inHand },
    });
    this.#parking = new Parking(ctx, actions, {
      ...{ answering: this.#answering, desk: this.#desk, phones: this.#phones, recorder: this.#recorder },
      ...{ legs, inHand, roster: this.roster },
    });
    this.#agentCalls = new AgentCalls(ctx, actions, {
      ...{ roster: this.roster, phones: this.#phones, isSwitchReady },
    });
    this.#reconciler = new Reconciler(ctx, actions, {
      phones: this.#phones,
      desk: this.#desk,
      recorder: this.#recorder,
      monitors: this.#monitors,
      ...{ legs, announcer },
      parking: this.#parking,
    });
    this.#campaigns = new RunningCampaigns(ctx, {
      actions,
      roster: this.roster,
      calls: this.#agentCalls,
      isSwitchReady,
      pacerFactory: options.pacerFactory,
      campaignRuns: options.campaignRuns,
      onChange: (live) => this.#pages.tell(live),
    });
    this.#link = new SwitchLink(ctx, this.#reconciler, () => {
      this.#accounts.switchCame();
      this.#tick();
    });
    this.#events = new SwitchEvents(ctx, actions, {
      link: this.#link,
      phones: this.#phones,
      dialling,
      answering: this.#answering,
      legs,
      announcer,
      messages,
      recorder: this.#recorder,
      monitors: this.#monitors,
    });
    this.#watch = new SwitchWatch(ctx, actions, {
      ...{ reconciler: this.#reconciler, phones: this.#phones, dialling, legs, inHand },
      isReady: isSwitchReady,
    });
    const { cells, agentStore } = options;
    const leftBehind = new LeftBehind(ctx, {
      cells,
      agents: agentStore,
      tell: (live) => this.#pages.tell(live),
    });
    this.#heartbeat = new Heartbeat(ctx.app, {
      dialerId: ctx.dialerId,
      store: cells,
      aliveNow: (alive) => this.#seePeers(alive.map(({ id }) => id)),
      bereaved: (cell) => leftBehind.take(cell),
      back: () => ctx.journal.back(),
      superseded: () => this.#superseded(),
      nameFree: () => options.nameFree(),
    });
    this.#listenToMachines();
  }

  /** Dialers that run share the trunks. */
  #seePeers(ids: readonly string[]): void {
    const { dialerId, trunks } = this.#ctx;
    this.#peers = ids.filter((id) => id !== dialerId);
    this.#isFirst = ids.length === 0 || ids[0] === dialerId;
    trunks.shareWith(ids.length, Math.max(0, ids.indexOf(dialerId)));
  }

  /** Takes up what is in the database, then listens, then dials as soon as the switch is there. */
  async start(): Promise<void> {
    const { app, agents, telephony, dialerId } = this.#ctx;
    await this.#link.loadTrunks();
    const seenAt = await this.#heartbeat.begin();
    for (const agent of await this.#options.agentStore.heldBy(dialerId)) agents.adopt(agent);
    await this.#reconciler.takeUpRows(agents.signedIn(), seenAt);
    await this.#accounts.knowPhones();
    await this.roster.start();
    this.#stops.push(
      telephony.on((event) => {
        this.#events.handle(event);
        if (event.type === 'up' || event.type === 'down')
          for (const live of agents.signedIn()) this.#pages.tell(live);
      }),
      this.#reach.listen(),
      this.#ctx.lines.begin(),
      await this.#keeper.start(),
      new NumberKeeper(app, () => this.#isFirst && !this.#stopped).start(),
      this.#lateBlock.listen(),
      this.#campaigns.listen(),
      this.#accounts.listen(),
      this.#announcements.listen(),
      app.clock.every(tickMs, () => this.#tick()),
      this.#watch.start(),
      answerCommands(this.#ctx, {
        actions: this.#actions,
        phones: this.#phones,
        desk: this.#desk,
        agentCalls: this.#agentCalls,
        transfers: this.#transfers,
        holding: this.#holding,
        parking: this.#parking,
        recorder: this.#recorder,
        pauseCodes: this.#options.pauseCodes,
        trunkTest: new TrunkTest(this.#ctx),
        announcements: this.#announcements,
        monitors: this.#monitors,
        previewOf: (campaignId) => this.#campaigns.previewOf(campaignId),
        pacingOf: (campaignId) => this.#campaigns.pacingOf(campaignId),
        snapshot: (live) => snapshotOf(this.#ctx, this.roster, live),
        tell: (live) => this.#pages.tell(live),
        status: () => this.status(),
        floor: () => floorOf(this.#ctx, this.roster),
        routing: new Routing(this.#ctx, {
          cells: this.#options.cells,
          agents: this.#options.agentStore,
          heartbeat: this.#heartbeat,
        }),
        peers: () => this.#peers,
      }),
    );
    this.#link.start();
  }

  #listenToMachines(): void {
    const { calls, agents } = this.#ctx;
    agents.onLost((live, holder) => {
      if (live.preview) this.#withdrawPreview(live);
      this.#phones.close(live);
      this.#pages.takenOver(live.agent.userId, holder);
    });
    calls.onTransition((live, before, event, at) => {
      this.#campaigns.callChanged(live, before, event.type, at);
      this.#ctx.lines.moved(live.call, live.poolNumber, event.type, at);
      const { id, parentId } = live.call;
      if ((before?.parkSlot ?? live.call.parkSlot) !== null)
        for (const agent of agents.signedIn())
          if (mayTakeUp(this.roster, agent.agent.userId, live)) this.#pages.tell(agent);
      for (const callId of [id, parentId ?? calls.aside(id)?.call.id ?? id])
        for (const agent of agents.allByCall(callId)) this.#pages.tell(agent);
    });
    agents.onTransition((live, before) => {
      const { agent } = live;
      this.#pages.tell(live);
      if (before.callId !== null && agent.callId !== before.callId) this.#callEnd.forget(before.callId);
      if (agent.state === before.state && agent.phone === before.phone) return;
      if (before.state === 'reserved' && live.preview) this.#withdrawPreview(live);
      if (agent.state === 'wrapup' && before.state !== 'wrapup') this.#desk.watchWrapup(live);
      if (agent.state === 'signed-out') this.#phones.close(live);
      if (agent.state === 'ready') this.#campaigns.agentFree(live);
      if (agent.state === 'on-call' && agent.campaignId !== null) void this.#desk.prepare([agent.campaignId]);
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
      if (!this.#stopped) this.#campaigns.agentsChanged();
    });
  }

  #monitorsChanged(userId: number): void {
    const live = this.#ctx.agents.get(userId);
    if (!live) return;
    live.monitors = this.#monitors.of(userId);
    this.#pages.tell(live);
  }

  #withdrawPreview(live: LiveAgent): void {
    const { preview, agent } = live;
    if (preview && agent.callId === null) this.#campaigns.previewOf(preview.campaignId)?.withdrawn(live);
  }

  #phoneLost(live: LiveAgent, soundlessSince?: number): void {
    if (live.preview) this.#withdrawPreview(live);
    this.#answering.phoneLost(live, soundlessSince);
  }

  #tick(): void {
    if (!this.#stopped) this.#campaigns.tick();
  }

  status(): DialerStatus {
    const { app, telephony, calls, agents, trunks, dialerId, simulatedPhones } = this.#ctx;
    return {
      dialerId,
      startedAt: this.#startedAt,
      switchFault: this.#isSuperseded ? supersededFault : this.#link.fault,
      switch: telephony.state === 'up' ? 'up' : telephony.state === 'connecting' ? 'connecting' : 'down',
      simulator: simulatedPhones,
      calls: [...calls.open()].length,
      agents: agents.signedIn().length,
      trunks: trunks
        .status(app.clock.now())
        .map(({ trunk, channelsInUse, restsUntil, toBeTried, refusesUs, troubledSince }) => ({
          id: trunk.id,
          name: trunk.name,
          channelsInUse,
          channels: trunk.channels,
          failing: restsUntil !== null,
          toBeTried,
          refusesUs,
          troubledSince,
          reach: this.#reach.troubleOf(trunk.id, app.clock.now()),
        })),
    };
  }

  /** Whether the name is free again is nobody's business any more. */
  watchNameNoMore(): void {
    if (this.#isSuperseded) this.#heartbeat.stop();
  }

  /** After all has been written: nobody misses this dialer then. */
  farewell(): Promise<void> {
    return this.#heartbeat.end();
  }

  /**
   * Places no more calls. Whoever is being rung for nobody yet is rung no more: nobody would hear the answer. People on
   * the line go on at the switch, and are taken up by the next start.
   */
  stop(): void {
    this.#halt(() => {
      this.#monitors.stopAll();
      for (const live of [...this.#ctx.calls.open()])
        if (live.forAgent === null && isInFlight(live.call.state))
          this.#actions.end(live, 'cancelled', 'system');
    });
  }

  /** Another process has the calls, the agents and the switch now: nothing is done to them here any more. */
  #superseded(): void {
    this.#isSuperseded = true;
    this.#halt(() => {
      for (const { stopTimers } of [...this.#ctx.calls.open(), ...this.#ctx.agents.signedIn()])
        for (const stop of stopTimers.splice(0)) stop();
    });
    this.#options.superseded();
  }

  #halt(last: () => void): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#campaigns.stop();
    this.#recorder.close();
    last();
    for (const stop of this.#stops.splice(0)) stop();
    this.#link.stop();
    this.roster.stop();
    this.#ctx.slowFacts.stop();
  }
}
