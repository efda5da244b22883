import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { EndpointSpec } from '../../dialer/telephony/index.ts';
import { usualSettings, type AsteriskSettings } from '../../dialer/telephony/asterisk-config.ts';
import { AsteriskInstance } from '../../dialer/telephony/asterisk/instance.ts';
import { asteriskRoot, isProvisioned, obstacle } from '../../dialer/telephony/asterisk/root.ts';
import { installSounds } from '../../dialer/telephony/asterisk/sounds.ts';
import { espeak } from '../../dialer/telephony/speech.ts';
import { provision } from '../../dialer/telephony/asterisk/provision.ts';
import { freePort } from './sipp/sipp.ts';

export interface TestAsterisk {
  instance: AsteriskInstance;
  root: string;
  access: { url: string; user: string; password: string };
  sipPort: number;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/**
 * Why no real Asterisk can be had for tests, in words; null when it can. Makes the Asterisk folder where there is
 * none yet (about 40 s), so give the calling hook time.
 */
export async function asteriskObstacle(): Promise<string | null> {
  const root = asteriskRoot(process.env);
  if (!isProvisioned(root)) {
    try {
      await provision(root, () => {});
    } catch (error) {
      return `no Asterisk could be made in ${root}: ${(error as Error).message}`;
    }
  }
  return obstacle(root);
}

/** A real Asterisk for this test alone: own ports, folders and password. Ask `asteriskObstacle` first. */
export async function startTestAsterisk(
  endpoints: EndpointSpec[],
  more: Partial<AsteriskSettings> = {},
): Promise<TestAsterisk> {
  const root = asteriskRoot(process.env);
  const sipPort = await freePort();
  const rtpFrom = 20_000 + Math.floor(Math.random() * 40) * 500;
  const instance = new AsteriskInstance(root, `test-${randomBytes(4).toString('hex')}`, {
    ...usualSettings,
    ari: { bind: '127.0.0.1', port: await freeTcpPort(), user: 'ringwise', password: 'contract-test' },
    sip: { bind: '127.0.0.1', port: sipPort },
    rtp: { from: rtpFrom, to: rtpFrom + 499 },
    endpoints,
    ...more,
  });
  instance.prepare();
  await installSounds(instance.soundsFolder, espeak());
  instance.own();
  await instance.start();
  const { user, password } = instance.settings.ari;
  return {
    instance,
    root,
    sipPort,
    access: { url: instance.url, user, password },
    async close() {
      await instance.kill();
      instance.remove();
    },
  };
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
