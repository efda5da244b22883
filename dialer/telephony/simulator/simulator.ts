import type { Clock } from '../../../core/clock/clock.ts';
import type { Logger } from '../../../core/log/log.ts';
import { incomingCall, defaultApplication } from '../dialplan.ts';
import { customerAt, type CustomerBehaviour } from '../customers.ts';
import { AriServer } from './ari-server.ts';
import type { CarrierLimits } from './carrier.ts';
import { Outgoing, type CustomerChoice, type Invite } from './outgoing.ts';
import { People, type AmdErrors } from './people.ts';
import { ordinaryMix } from './mix.ts';
import { seededRandom } from './random.ts';
import { bridgeRoutes } from './routes/bridge-routes.ts';
import { channelRoutes } from './routes/channel-routes.ts';
import { mediaRoutes } from './routes/media-routes.ts';
import { systemRoutes } from './routes/system-routes.ts';
import { SimulatedSwitch } from './switch.ts';

export interface SimulatorOptions {
  /** 0 takes any free one. */
  port?: number;
  clock: Clock;
  log: Logger;
  seed?: number;
  user?: string;
  password?: string;
  /** Carriers by the name of their trunk's endpoint. Trunks put at run time get `usualLimits`. */
  carriers?: Record<string, CarrierLimits>;
  usualLimits?: CarrierLimits;
  behaviour?: CustomerChoice;
  /** How often machine detection is wrong (never). */
  amdErrors?: AmdErrors;
}

export interface SimulatorStats {
  /** Calls that reached a carrier; those of them that it refused; answers of customers and agents. */
  calls: number;
  refusedByCarrier: number;
  answered: number;
  channelsNow: number;
  bridgesNow: number;
  recordingsNow: number;
  byKind: Readonly<Record<string, number>>;
  requests: number;
}

/** A carrier simulator that speaks ARI, with the switch's faults at hand for tests. */
export interface Simulator {
  url: string;
  user: string;
  password: string;
  stats(): SimulatorStats;
  /** The latest calls that reached a carrier, oldest first. */
  invites(): readonly Invite[];
  /** A customer calls in; the answer is the channel's id. */
  callIn(from: string, to: string, customer?: CustomerBehaviour): string;
  /** A customer or agent hangs up. */
  hangUp(channelId: string): void;
  /** A leg is ended that has brought no sound for so long that its phone is taken to be dead. */
  endSoundless(channelId: string): void;
  /** Changes who is met from now on. */
  setBehaviour(behaviour: CustomerChoice): void;
  setCarrier(name: string, limits: CarrierLimits): void;
  /** An agent's phone becomes (un)reachable. */
  setPhone(endpoint: string, online: boolean): void;
  /** Agents let their phones ring for so long from now on. */
  setPickUp(ms: number): void;
  readonly faults: {
    /** Cuts the event sockets. */
    dropSockets(): void;
    /** Connections stay open and nothing comes of them. */
    freeze(on: boolean): void;
    /** Every answer comes this much later. */
    setDelay(ms: number): void;
    /** Sends this text to every application, event or not. */
    say(text: string): void;
  };
  /** Ends as a killed process does: connections cut, calls gone. */
  close(): Promise<void>;
}

const usualCarrier: CarrierLimits = { channels: 200, callsPerSecond: 50 };

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, log, user = 'ringwise', password = 'simulator' } = options;
  const server = new AriServer(user, password, log);
  const simulated = new SimulatedSwitch(clock, (event, app) => server.send(event, app));
  const usualLimits = options.usualLimits ?? usualCarrier;
  for (const [name, limits] of Object.entries(options.carriers ?? {})) simulated.addCarrier(name, limits);
  let answered = 0;
  const seed = options.seed ?? 1;
  const random = seededRandom(seed);
  const people = new People(simulated, () => answered++, {
    errors: options.amdErrors ?? { personAsMachine: 0, machineAsPerson: 0 },
    random: seededRandom(seed + 1),
  });
  const outgoing = new Outgoing(simulated, people, random, options.behaviour ?? ordinaryMix);
  let incomingSerial = 0;

  const url = await server.listen(options.port ?? 0, [
    ...channelRoutes(simulated, people, outgoing),
    ...bridgeRoutes(simulated),
    ...mediaRoutes(simulated),
    ...systemRoutes(simulated, usualLimits, {
      names: () => server.applications(),
      hearOnly: (name, types) => server.hearOnly(name, types),
    }),
  ]);

  return {
    url,
    user,
    password,
    stats: () => ({
      calls: outgoing.calls.total,
      refusedByCarrier: outgoing.calls.refusedByCarrier,
      answered,
      channelsNow: simulated.channels.size,
      bridgesNow: simulated.bridges.size,
      recordingsNow: simulated.recordings.size,
      byKind: { ...outgoing.calls.byKind },
      requests: server.requests,
    }),
    invites: () => outgoing.invites,
    callIn(from, to, customer = customerAt(from)) {
      const channel = simulated.createChannel(
        {
          id: `incoming-${clock.now()}-${++incomingSerial}`,
          app: server.applications()[0] ?? defaultApplication,
          appArgs: [incomingCall, to],
          caller: { name: '', number: from },
          exten: to,
          state: 'Ring',
          customer,
        },
        'PJSIP',
        'incoming',
      );
      simulated.enterStasis(channel, channel.appArgs);
      return channel.id;
    },
    hangUp: (channelId) => people.hangUp(simulated.channel(channelId)),
    endSoundless: (channelId) => people.soundless(simulated.channel(channelId)),
    setBehaviour: (behaviour) => void (outgoing.choice = behaviour),
    setCarrier: (name, limits) => void (simulated.addCarrier(name, limits).limits = limits),
    setPhone: (endpoint, online) => simulated.changePhone(endpoint, online),
    setPickUp: (ms) => void (people.agentAnswersAfterMs = ms),
    faults: {
      dropSockets: () => server.dropSockets(),
      freeze: (on) => server.freeze(on),
      setDelay: (ms) => void (server.delayMs = ms),
      say: (text) => server.say(text),
    },
    async close() {
      simulated.stop();
      await server.close();
    },
  };
}
