import { SimProblem } from '../problem.ts';
import type { SimulatedSwitch } from '../switch.ts';
import { bridgeJson, type SimBridge } from '../wire-types.ts';
import type { Route, SimRequest } from './route.ts';

export function bridgeRoutes(sim: SimulatedSwitch): Route[] {
  const bridgeIn = ({ path }: SimRequest): SimBridge => sim.bridge(path['bridgeId'] ?? '');
  const channelsIn = ({ query }: SimRequest) =>
    (query.get('channel') ?? '').split(',').map((id) => {
      const channel = sim.channels.get(id);
      if (!channel) throw new SimProblem(400, 'Channel not found');
      if (!channel.inStasis) throw new SimProblem(422, 'Channel not in Stasis application');
      return channel;
    });

  return [
    {
      method: 'GET',
      path: '/bridges',
      nickname: 'list',
      returns: 'List[Bridge]',
      handle: () => [...sim.bridges.values()].map(bridgeJson),
    },
    {
      method: 'POST',
      path: '/bridges/{bridgeId}',
      nickname: 'createWithId',
      query: ['type', 'name'],
      returns: 'Bridge',
      handle: ({ path, query }) => {
        const id = path['bridgeId'] ?? '';
        if (sim.bridges.has(id)) throw new SimProblem(409, `Bridge with id '${id}' already exists`);
        const type = query.get('type')?.split(',')[0] ?? 'mixing';
        const bridge: SimBridge = {
          id,
          type,
          name: query.get('name') ?? '',
          channels: new Set(),
          music: false,
          createdAt: sim.clock.now(),
        };
        sim.bridges.set(id, bridge);
        sim.announce('BridgeCreated', { bridge: bridgeJson(bridge) });
        return bridgeJson(bridge);
      },
    },
    {
      method: 'GET',
      path: '/bridges/{bridgeId}',
      nickname: 'get',
      returns: 'Bridge',
      handle: (request) => bridgeJson(bridgeIn(request)),
    },
    {
      method: 'DELETE',
      path: '/bridges/{bridgeId}',
      nickname: 'destroy',
      handle: (request) => {
        const bridge = bridgeIn(request);
        for (const recording of [...sim.recordings.values()])
          if (recording.bridgeId === bridge.id) sim.finishRecording(recording, { told: false });
        for (const playback of [...sim.playbacks.values()])
          if (playback.target === `bridge:${bridge.id}`) sim.finishPlayback(playback);
        for (const id of [...bridge.channels]) sim.part(sim.channel(id));
        sim.bridges.delete(bridge.id);
        sim.announce('BridgeDestroyed', { bridge: bridgeJson(bridge) });
      },
    },
    {
      method: 'POST',
      path: '/bridges/{bridgeId}/addChannel',
      nickname: 'addChannel',
      query: ['channel', 'role', 'absorbDTMF', 'mute'],
      handle: (request) => {
        const bridge = bridgeIn(request);
        for (const channel of channelsIn(request)) sim.join(bridge, channel);
      },
    },
    {
      method: 'POST',
      path: '/bridges/{bridgeId}/removeChannel',
      nickname: 'removeChannel',
      query: ['channel'],
      handle: (request) => {
        const bridge = bridgeIn(request);
        const channels = channelsIn(request);
        if (channels.some((channel) => channel.bridgeId !== bridge.id))
          throw new SimProblem(422, 'Channel not in this bridge');
        for (const channel of channels) sim.part(channel);
      },
    },
    {
      method: 'POST',
      path: '/bridges/{bridgeId}/moh',
      nickname: 'startMoh',
      query: ['mohClass'],
      handle: (request) => void (bridgeIn(request).music = true),
    },
    {
      method: 'DELETE',
      path: '/bridges/{bridgeId}/moh',
      nickname: 'stopMoh',
      handle: (request) => {
        const bridge = bridgeIn(request);
        if (!bridge.music) throw new SimProblem(409, 'Bridge is not playing music on hold');
        bridge.music = false;
      },
    },
  ];
}
