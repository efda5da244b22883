import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import { systemClock } from '../../core/clock/clock.ts';
import { createLog } from '../../core/log/log.ts';
import { createAriTelephony } from '../../dialer/telephony/index.ts';
import type { Access } from './switches.ts';

/** A way to talk to a switch: the product's port, or the least that can be done. */
export interface Way {
  name: string;
  ping(): Promise<void>;
  originate(channelId: string, endpoint: string): Promise<void>;
  hangup(channelId: string): Promise<void>;
  onAnswer(listener: (channelId: string) => void): void;
  close(): Promise<void>;
}

/** The port, as the dialer uses it: ari-client behind the adapter. */
export async function throughPort(access: Access): Promise<Way> {
  const telephony = createAriTelephony({ ...access, clock: systemClock, log: createLog('silent') });
  await telephony.connect();
  return {
    name: 'port (ari-client)',
    ping: () => telephony.ping(),
    originate: (channelId, endpoint) =>
      telephony.originate({ channelId, endpoint, callerId: '+12025550100', ringTimeoutMs: 20_000 }),
    hangup: (channelId) => telephony.hangup(channelId),
    onAnswer: (listener) =>
      void telephony.on((event) => {
        if (event.type === 'answered') listener(event.channelId);
      }),
    close: () => telephony.close(),
  };
}

/** Node's own HTTP with 16 kept connections, and a bare WebSocket. */
export async function throughBareHttp(access: Access): Promise<Way> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const auth = `${access.user}:${access.password}`;
  const send = (method: string, path: string) =>
    new Promise<void>((resolve, reject) => {
      const call = request(`${access.url}/ari${path}`, { method, auth, agent }, (response) => {
        response.resume().once('end', resolve);
      });
      call.once('error', reject).end();
    });
  const socket = new WebSocket(
    `${access.url.replace('http', 'ws')}/ari/events?app=bare&api_key=${access.user}:${access.password}`,
  );
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    name: 'bare HTTP',
    ping: () => send('GET', '/asterisk/ping'),
    originate(channelId, endpoint) {
      const query = new URLSearchParams({ channelId, endpoint, app: 'bare', timeout: '20' });
      return send('POST', `/channels?${query}`);
    },
    hangup: (channelId) => send('DELETE', `/channels/${channelId}`),
    onAnswer: (listener) =>
      void socket.on('message', (data) => {
        const event = JSON.parse(String(data)) as { type: string; channel: { id: string } };
        if (event.type === 'StasisStart') listener(event.channel.id);
      }),
    async close() {
      socket.close();
      agent.destroy();
    },
  };
}
