import { customerAt, refusals, type CustomerBehaviour } from '../customers.ts';
import { SimProblem } from './problem.ts';
import type { People } from './people.ts';
import type { SimulatedSwitch } from './switch.ts';
import type { SimChannel } from './wire-types.ts';
import type { Random } from './random.ts';
import { drawCustomer, type CustomerMix } from './mix.ts';

/** Who is at the other end: drawn from a mix, or given by the number dialled (`customersByNumber`, or as told). */
export type CustomerChoice =
  'by-number' | CustomerMix | ((dialled: string, trunk: string) => CustomerBehaviour);

/** A call that reached a carrier, as its switch would have written it down. */
export interface Invite {
  at: number;
  trunk: string;
  dialled: string;
  callerId: string;
  headers: Record<string, string>;
  taken: boolean;
}

const invitesKept = 1_000;

/** Places the calls that the application originates. */
export class Outgoing {
  /** The latest calls that reached a carrier. */
  readonly invites: Invite[] = [];
  readonly calls = { total: 0, refusedByCarrier: 0, byKind: {} as Record<string, number> };
  readonly #switch: SimulatedSwitch;
  readonly #people: People;
  readonly #random: Random;
  choice: CustomerChoice;

  constructor(simulated: SimulatedSwitch, people: People, random: Random, choice: CustomerChoice) {
    this.#switch = simulated;
    this.#people = people;
    this.#random = random;
    this.choice = choice;
  }

  originate(query: URLSearchParams, variables: Record<string, string>): SimChannel {
    const endpoint = query.get('endpoint') ?? '';
    const [technology, address] = endpoint.split('/', 2);
    if (technology !== 'PJSIP' || !address) throw new SimProblem(400, 'Invalid endpoint specified');
    const app = query.get('app');
    if (!app) throw new SimProblem(400, 'Application or extension must be specified');
    const id = query.get('channelId') ?? `${this.#switch.clock.now()}.${this.calls.total}`;
    const details = {
      id,
      app,
      appArgs: (query.get('appArgs') ?? '').split(',').filter(Boolean),
      connected: numberIn(query.get('callerId') ?? ''),
      variables: new Map(Object.entries(variables)),
    };
    const at = address.lastIndexOf('@');
    const channel =
      at === -1
        ? this.#toPhone(address, details)
        : this.#toCustomer(address.slice(0, at), address.slice(at + 1), details);
    const timeoutS = Number(query.get('timeout') ?? 30);
    if (timeoutS > 0) this.#people.giveUpAfter(channel, timeoutS * 1000);
    return channel;
  }

  #toPhone(name: string, details: Partial<SimChannel> & { id: string; app: string }): SimChannel {
    const known = this.#switch.phones.get(`PJSIP/${name}`);
    if (known === undefined && name.startsWith('agent-')) this.#switch.phones.set(`PJSIP/${name}`, true);
    else if (!known) throw new SimProblem(500, 'Allocation failed');
    const channel = this.#switch.createChannel(details, 'PJSIP', name);
    this.#switch.emitDial(channel, '');
    this.#people.ringAgent(channel);
    return channel;
  }

  #toCustomer(
    dialled: string,
    trunk: string,
    details: Partial<SimChannel> & { id: string; app: string },
  ): SimChannel {
    const carrier = this.#switch.carriers.get(trunk);
    if (!carrier) throw new SimProblem(500, 'Allocation failed');
    const channel = this.#switch.createChannel({ ...details, exten: dialled }, 'PJSIP', trunk);
    this.#switch.emitDial(channel, '');
    const taken = carrier.take();
    this.#write({
      at: this.#switch.clock.now(),
      trunk,
      dialled,
      callerId: channel.connected.number,
      headers: headersIn(channel.variables),
      taken,
    });
    if (!taken) {
      this.calls.refusedByCarrier++;
      const { refusal = refusals.congestion } = carrier.limits;
      this.#switch.later(channel, 10, () => this.#people.refuse(channel, refusal));
      return channel;
    }
    channel.carrier = carrier;
    channel.customer = this.#customer(dialled, trunk);
    this.calls.byKind[channel.customer.kind] = (this.calls.byKind[channel.customer.kind] ?? 0) + 1;
    this.#people.ringCustomer(channel, channel.customer);
    return channel;
  }

  #customer(dialled: string, trunk: string): CustomerBehaviour {
    if (typeof this.choice === 'function') return this.choice(dialled, trunk);
    return this.choice === 'by-number' ? customerAt(dialled) : drawCustomer(this.choice, this.#random);
  }

  #write(invite: Invite): void {
    this.calls.total++;
    this.invites.push(invite);
    if (this.invites.length > invitesKept * 2) this.invites.splice(0, invitesKept);
  }
}

function headersIn(variables: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of variables) {
    const header = /^PJSIP_HEADER\(add,(?<name>.*)\)$/.exec(name)?.groups?.['name'];
    if (header) headers[header] = value;
  }
  return headers;
}

function numberIn(callerId: string): { name: string; number: string } {
  const match = /^"(?<name>[^"]*)" <(?<number>[^>]*)>$/.exec(callerId);
  return { name: match?.groups?.['name'] ?? '', number: match?.groups?.['number'] ?? callerId };
}
