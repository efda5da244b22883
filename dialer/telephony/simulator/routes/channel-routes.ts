import { amdContext, silenceContext, snooping } from '../../dialplan.ts';
import { SimProblem } from '../problem.ts';
import { causeOfReason, type People } from '../people.ts';
import type { SimulatedSwitch } from '../switch.ts';
import { channelJson, type SimChannel } from '../wire-types.ts';
import type { Outgoing } from '../outgoing.ts';
import type { Route } from './route.ts';

export function channelRoutes(sim: SimulatedSwitch, people: People, outgoing: Outgoing): Route[] {
  const channelIn = (path: Record<string, string>) => sim.channel(path['channelId'] ?? '');
  /** Operations on a channel that only its application may ask for. */
  const inStasis = (path: Record<string, string>): SimChannel => {
    const channel = channelIn(path);
    if (!channel.inStasis) throw new SimProblem(409, 'Channel not in Stasis application');
    return channel;
  };
  const onChannel = (
    method: Route['method'],
    nickname: string,
    suffix: string,
    act: (channel: SimChannel, query: URLSearchParams) => void,
    query: string[] = [],
  ): Route => ({
    method,
    nickname,
    path: `/channels/{channelId}/${suffix}`,
    query,
    handle: (request) => act(inStasis(request.path), request.query),
  });

  return [
    {
      method: 'GET',
      path: '/channels',
      nickname: 'list',
      returns: 'List[Channel]',
      handle: () => [...sim.channels.values()].map(channelJson),
    },
    {
      method: 'POST',
      path: '/channels',
      nickname: 'originate',
      query: ['endpoint', 'app', 'appArgs', 'callerId', 'timeout', 'channelId', 'formats'],
      body: 'variables',
      returns: 'Channel',
      handle: ({ query, body }) => channelJson(outgoing.originate(query, variablesIn(body))),
    },
    {
      method: 'GET',
      path: '/channels/{channelId}',
      nickname: 'get',
      returns: 'Channel',
      handle: ({ path }) => channelJson(channelIn(path)),
    },
    {
      method: 'DELETE',
      path: '/channels/{channelId}',
      nickname: 'hangup',
      query: ['reason_code', 'reason'],
      handle: ({ path, query }) => {
        const reason = query.get('reason') ?? 'normal';
        if (!(reason in causeOfReason)) throw new SimProblem(400, 'Invalid reason for hangup provided');
        people.cutOff(channelIn(path), reason);
      },
    },
    {
      method: 'POST',
      path: '/channels/{channelId}/continue',
      nickname: 'continueInDialplan',
      query: ['context', 'extension', 'priority', 'label'],
      handle: ({ path, query }) => {
        const channel = inStasis(path);
        if (query.get('context') === amdContext) people.detectMachine(channel);
        else if (query.get('context') === silenceContext) people.awaitSilence(channel);
        else people.cutOff(channel, 'normal');
      },
    },
    onChannel('POST', 'answer', 'answer', (channel) => {
      sim.changeState(channel, 'Up');
      if (channel.customer) people.talkIncoming(channel, channel.customer);
    }),
    onChannel('POST', 'ring', 'ring', () => {}),
    onChannel('DELETE', 'ringStop', 'ring', () => {}),
    onChannel('POST', 'sendDTMF', 'dtmf', () => {}, ['dtmf', 'before', 'between', 'duration', 'after']),
    onChannel('POST', 'mute', 'mute', (channel) => void (channel.muted = true), ['direction']),
    onChannel('DELETE', 'unmute', 'mute', (channel) => void (channel.muted = false), ['direction']),
    onChannel('POST', 'hold', 'hold', () => {}),
    onChannel('DELETE', 'unhold', 'hold', () => {}),
    onChannel(
      'POST',
      'startMoh',
      'moh',
      (channel) => {
        channel.music = true;
        if (channel.bridgeId !== null) sim.watchSilence(channel.bridgeId);
      },
      ['mohClass'],
    ),
    onChannel('DELETE', 'stopMoh', 'moh', (channel) => void (channel.music = false)),
    {
      method: 'GET',
      path: '/channels/{channelId}/variable',
      nickname: 'getChannelVar',
      query: ['variable'],
      returns: 'Variable',
      handle: ({ path, query }) => {
        const value = channelIn(path).variables.get(query.get('variable') ?? '');
        if (value === undefined) throw new SimProblem(404, 'Provided variable was not found');
        return { value };
      },
    },
    {
      method: 'POST',
      path: '/channels/{channelId}/variable',
      nickname: 'setChannelVar',
      query: ['variable', 'value'],
      handle: ({ path, query }) =>
        void channelIn(path).variables.set(query.get('variable') ?? '', query.get('value') ?? ''),
    },
    {
      method: 'POST',
      path: '/channels/{channelId}/snoop/{snoopId}',
      nickname: 'snoopChannelWithId',
      query: ['spy', 'whisper', 'app', 'appArgs'],
      returns: 'Channel',
      handle: ({ path, query }) => {
        const target = channelIn(path);
        const snoop = sim.createChannel(
          {
            id: path['snoopId'] ?? '',
            app: query.get('app') ?? target.app,
            appArgs: [query.get('appArgs') ?? snooping],
            spiedOn: target.id,
          },
          'Snoop',
          target.id,
        );
        sim.changeState(snoop, 'Up');
        sim.later(snoop, 1, () => sim.enterStasis(snoop, snoop.appArgs));
        return channelJson(snoop);
      },
    },
  ];
}

function variablesIn(body: unknown): Record<string, string> {
  const { variables } = (body ?? {}) as { variables?: Record<string, string> };
  return variables ?? {};
}
