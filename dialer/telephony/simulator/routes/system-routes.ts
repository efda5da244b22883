import { SimProblem } from '../problem.ts';
import type { CarrierLimits } from '../carrier.ts';
import type { SimulatedSwitch } from '../switch.ts';
import { timestamp } from '../wire-types.ts';
import type { Route } from './route.ts';

/** The switch itself: its state, its endpoints, configuration at run time, applications. */
export function systemRoutes(
  sim: SimulatedSwitch,
  usualLimits: CarrierLimits,
  applications: { names(): string[]; hearOnly(name: string, types: string[]): void },
): Route[] {
  const startedAt = sim.clock.now();
  const config = new Map<string, { attribute: string; value: string }[]>();
  const keyOf = (path: Record<string, string>) =>
    `${path['configClass']}/${path['objectType']}/${path['id']}`;
  const endpointJson = (technology: string, resource: string, online: boolean) => ({
    technology,
    resource,
    state: online ? 'online' : 'offline',
    channel_ids: [...sim.channels.values()]
      .filter(({ name }) => name.startsWith(`${technology}/${resource}-`))
      .map(({ id }) => id),
  });
  const endpoints = () => [
    ...[...sim.carriers.keys()].map((name) => endpointJson('PJSIP', name, true)),
    ...[...sim.phones].map(([name, online]) => endpointJson('PJSIP', name.slice('PJSIP/'.length), online)),
  ];
  const dynamicPath = '/asterisk/config/dynamic/{configClass}/{objectType}/{id}';
  const putEndpoint = (name: string, fields: { attribute: string; value: string }[]) => {
    const isPhone = fields.some(({ attribute, value }) => attribute === 'webrtc' && value === 'yes');
    if (!isPhone) {
      sim.addCarrier(name, usualLimits);
      return;
    }
    sim.changePhone(`PJSIP/${name}`, true);
  };

  return [
    {
      method: 'GET',
      path: '/asterisk/info',
      nickname: 'getInfo',
      query: ['only'],
      returns: 'AsteriskInfo',
      handle: () => ({
        system: { version: 'simulator', entity_id: 'ringwise-simulator' },
        config: { name: '', default_language: 'en' },
        status: { startup_time: timestamp(startedAt), last_reload_time: timestamp(startedAt) },
      }),
    },
    {
      method: 'GET',
      path: '/asterisk/ping',
      nickname: 'ping',
      returns: 'AsteriskPing',
      handle: () => ({
        asterisk_id: 'ringwise-simulator',
        ping: 'pong',
        timestamp: timestamp(sim.clock.now()),
      }),
    },
    {
      method: 'GET',
      path: dynamicPath,
      nickname: 'getObject',
      returns: 'List[ConfigTuple]',
      handle: ({ path }) => {
        const fields = config.get(keyOf(path));
        if (!fields) throw new SimProblem(404, 'Object not found');
        return fields;
      },
    },
    {
      method: 'PUT',
      path: dynamicPath,
      nickname: 'updateObject',
      body: 'fields',
      returns: 'List[ConfigTuple]',
      handle: ({ path, body }) => {
        const { fields = [] } = (body ?? {}) as { fields?: { attribute: string; value: string }[] };
        config.set(keyOf(path), fields);
        if (path['objectType'] === 'endpoint') putEndpoint(path['id'] ?? '', fields);
        return fields;
      },
    },
    {
      method: 'DELETE',
      path: dynamicPath,
      nickname: 'deleteObject',
      handle: ({ path }) => {
        if (!config.delete(keyOf(path))) throw new SimProblem(404, 'Object not found');
        if (path['objectType'] !== 'endpoint') return;
        if (sim.phones.has(`PJSIP/${path['id']}`)) sim.changePhone(`PJSIP/${path['id']}`, false);
        sim.phones.delete(`PJSIP/${path['id']}`);
        sim.carriers.delete(path['id'] ?? '');
      },
    },
    {
      method: 'GET',
      path: '/endpoints',
      nickname: 'list',
      returns: 'List[Endpoint]',
      handle: endpoints,
    },
    {
      method: 'GET',
      path: '/endpoints/{tech}/{resource}',
      nickname: 'get',
      returns: 'Endpoint',
      handle: ({ path }) => {
        const found = endpoints().find(
          ({ technology, resource }) => technology === path['tech'] && resource === path['resource'],
        );
        if (!found) throw new SimProblem(404, 'Endpoint not found');
        return found;
      },
    },
    {
      method: 'GET',
      path: '/applications',
      nickname: 'list',
      returns: 'List[Application]',
      handle: () => applications.names().map((name) => ({ name, channel_ids: [], bridge_ids: [] })),
    },
    {
      method: 'POST',
      path: '/applications/{applicationName}/subscription',
      nickname: 'subscribe',
      query: ['eventSource'],
      returns: 'Application',
      handle: ({ path }) => ({ name: path['applicationName'], channel_ids: [], bridge_ids: [] }),
    },
    {
      method: 'PUT',
      path: '/applications/{applicationName}/eventFilter',
      nickname: 'filter',
      body: 'filter',
      returns: 'Application',
      handle: ({ path, body }) => {
        const { allowed = [] } = (body ?? {}) as { allowed?: { type: string }[] };
        const name = path['applicationName'] ?? '';
        applications.hearOnly(
          name,
          allowed.map(({ type }) => type),
        );
        return { name, channel_ids: [], bridge_ids: [] };
      },
    },
  ];
}
