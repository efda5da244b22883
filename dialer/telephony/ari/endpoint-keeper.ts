import type { Logger } from '../../../core/log/log.ts';
import {
  TelephonyError,
  type EndpointInfo,
  type EndpointSpec,
  type RegistrationState,
} from '../telephony.ts';
import { endpointObjects, type ConfigObject } from '../endpoint-objects.ts';
import type { AriConnection } from './connection.ts';
import { AriStatusError, toTelephonyError } from './errors.ts';
import type { AriOperations } from './operations.ts';
import type { RegistrationRow } from './registrations.ts';
import type { AriEndpoint } from './wire.ts';

/** Bounds the length of a request line. */
const watchedAtOnce = 50;
/** Asterisk's name for everything that PJSIP is configured with. */
const configClass = 'res_pjsip';

/** What an object of this type may have several of. */
const addressLists: Record<string, string> = { aor: 'contact', identify: 'match' };

type ConfigFields = ConfigObject['fields'];

/** Puts trunks and agents' phones on the switch, keeps them there, and has the phones watched. */
export class EndpointKeeper {
  readonly #app: string;
  readonly #connection: AriConnection;
  readonly #operations: AriOperations;
  readonly #log: Logger;
  /** Put by this process: a restarted Asterisk has forgotten them. */
  readonly #kept = new Map<string, EndpointSpec>();

  constructor(app: string, connection: AriConnection, operations: AriOperations, log: Logger) {
    this.#app = app;
    this.#connection = connection;
    this.#operations = operations;
    this.#log = log;
  }

  async put(endpoint: EndpointSpec): Promise<boolean> {
    if (!(await this.#write(endpoint))) return false;
    this.#kept.set(endpoint.name, endpoint);
    await this.#watch([`PJSIP/${endpoint.name}`]);
    return true;
  }

  async remove(name: string): Promise<void> {
    this.#kept.delete(name);
    for (const { objectType, id } of endpointObjects(withEverything(name)).reverse())
      await this.#delete(objectType, id);
  }

  async list(): Promise<EndpointInfo[]> {
    const found = await this.#operations.do<AriEndpoint[]>('endpoints', 'list');
    return found.map(({ technology, resource, state }) => ({
      endpoint: `${technology}/${resource}`,
      online: state === 'online',
    }));
  }

  /** Which of the trunks that were put these rows are of. */
  registrationsIn(rows: readonly RegistrationRow[]): Map<string, RegistrationState> {
    const stateOf = new Map(
      rows.map(({ clientUri, serverUri, state }) => [`${clientUri} ${serverUri}`, state]),
    );
    const found = new Map<string, RegistrationState>();
    for (const spec of this.#kept.values()) {
      const registration = endpointObjects(spec).find(({ objectType }) => objectType === 'registration');
      const value = (name: string) => registration?.fields.find(({ attribute }) => attribute === name)?.value;
      const state = stateOf.get(`${value('client_uri')} ${value('server_uri')}`);
      if (registration && state) found.set(spec.name, state);
    }
    return found;
  }

  /** After each connecting: puts again what was put before, and watches the phones anew. */
  async restore(): Promise<void> {
    for (const endpoint of this.#kept.values())
      await this.#write(endpoint).catch((error: unknown) => {
        // Without a connection there is nobody to go on with; what the switch refuses is no other's harm.
        if (!(error instanceof TelephonyError) || error.fault === 'unavailable') throw error;
        this.#log.warn({ endpoint: endpoint.name, error: String(error) }, 'the switch did not take it back');
      });
    await this.#watch((await this.list()).map(({ endpoint }) => endpoint));
  }

  async #delete(objectType: string, id: string): Promise<void> {
    await this.#operations.doOrGone('asterisk', 'deleteObject', { configClass, objectType, id }, [403]);
  }

  async #write(endpoint: EndpointSpec): Promise<boolean> {
    const objects = endpointObjects(endpoint);
    const written = new Set(objects.map(({ objectType }) => objectType));
    // What an earlier shape of it had, for example a registration, goes.
    for (const { objectType, id } of endpointObjects(withEverything(endpoint.name)))
      if (!written.has(objectType)) await this.#delete(objectType, id);
    if (written.has('registration') && (await this.#hasOtherLogin(objects)))
      await this.#delete('registration', endpoint.name);
    for (const { objectType, id, fields, optional } of objects) {
      try {
        if (await this.#wouldGrow(objectType, id, fields)) await this.#delete(objectType, id);
        await this.#connection.call('asterisk', 'updateObject', { configClass, objectType, id, fields });
      } catch (error) {
        // 403 and 404: sorcery.conf names no wizard for it that takes objects at run time.
        if (error instanceof AriStatusError && [403, 404].includes(error.status)) return false;
        if (!optional || !(error instanceof AriStatusError))
          throw toTelephonyError(error, 'asterisk.updateObject');
        this.#log.warn({ endpoint: id, objectType, why: error.message }, 'the switch did not take it');
      }
    }
    return true;
  }

  /** Asterisk goes on with a registration that is the same but for its login, also one that was refused for it. */
  async #hasOtherLogin(objects: readonly ConfigObject[]): Promise<boolean> {
    const login = objects.find(({ objectType }) => objectType === 'auth');
    if (!login) return false;
    const there = await this.#stored('auth', login.id);
    const stored = new Map(there.map(({ attribute, value }) => [attribute, value]));
    return there.length > 0 && login.fields.some(({ attribute, value }) => stored.get(attribute) !== value);
  }

  /** An address that is put is put beside those that are there: a carrier's old one would go on being called and trusted. */
  async #wouldGrow(objectType: string, id: string, fields: ConfigFields): Promise<boolean> {
    const list = addressLists[objectType];
    const wanted = fields.filter(({ attribute }) => attribute === list);
    if (wanted.length === 0) return false;
    const there = (await this.#stored(objectType, id)).filter(({ attribute }) => attribute === list);
    return there.length > 0 && !sameFields(wanted, there);
  }

  /** The object as the switch has it; nothing when it has none. */
  async #stored(objectType: string, id: string): Promise<ConfigFields> {
    const asked = this.#connection.call<ConfigFields>('asterisk', 'getObject', {
      ...{ configClass, objectType, id },
    });
    return (await this.#operations.orGone(asked, 'asterisk.getObject', [403])) ?? [];
  }

  /**
   * Has phones watched for coming and going, by their device state: a subscription to the endpoint itself would
   * bring every event of its calls a second time. Trunks are not watched, as their state changes with each call.
   */
  async #watch(endpoints: string[]): Promise<void> {
    const phones = endpoints.filter((name) => name.startsWith('PJSIP/') && !name.startsWith('PJSIP/trunk-'));
    for (let from = 0; from < phones.length; from += watchedAtOnce)
      await this.#operations.do('applications', 'subscribe', {
        applicationName: this.#app,
        eventSource: phones
          .slice(from, from + watchedAtOnce)
          .map((name) => `deviceState:${name}`)
          .join(','),
      });
  }
}

const sameFields = (wanted: ConfigFields, there: ConfigFields): boolean =>
  wanted.length === there.length && wanted.every(({ value }, index) => value === there[index]?.value);

/** Names every object that an endpoint of this name may be made of. */
function withEverything(name: string): EndpointSpec {
  return {
    kind: 'trunk',
    name,
    host: 'none',
    port: 5060,
    transport: 'udp',
    username: 'none',
    password: 'none',
    register: true,
    loginInFrom: true,
    codecs: [],
  };
}
