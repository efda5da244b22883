import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asteriskRoot } from '../../dialer/telephony/asterisk/root.ts';
import { asteriskObstacle, startTestAsterisk } from '../../test/support/asterisk.ts';
import { SippCarrier } from '../../test/support/sipp/sipp.ts';

export interface Access {
  url: string;
  user: string;
  password: string;
}

/** A switch in a process of its own, whose customers at `…01` answer after a second and stay. */
export interface BenchedSwitch {
  name: string;
  access: Access;
  trunk: string;
  /** Seconds of processor that it has used so far. */
  cpu(): number;
  close(): Promise<void>;
}

export async function simulatorProcess(): Promise<BenchedSwitch> {
  const file = fileURLToPath(new URL('../dialer/simulator-process.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--import=tsx'] });
  const access = await new Promise<Access>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Access));
    child.once('exit', (code) => reject(new Error(`the simulator ended (${code})`)));
  });
  // Trunks are put at run time, as the product does.
  const path = '/ari/asterisk/config/dynamic/res_pjsip/endpoint/trunk-1';
  const authorization = `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`;
  await fetch(access.url + path, { method: 'PUT', headers: { authorization } });
  return {
    name: 'simulator',
    access,
    trunk: 'trunk-1',
    cpu: () => processorSeconds(child.pid),
    close: async () => void child.disconnect(),
  };
}

export async function realAsterisk(): Promise<BenchedSwitch> {
  const why = await asteriskObstacle();
  if (why) throw new Error(why);
  const carrier = await SippCarrier.start(asteriskRoot(process.env));
  const asterisk = await startTestAsterisk([
    {
      ...{ kind: 'trunk', name: 'trunk-1', host: '127.0.0.1', port: carrier.port, transport: 'udp' },
      ...{ username: null, password: null, register: false, loginInFrom: false, codecs: ['ulaw'] },
    },
  ]);
  return {
    name: 'Asterisk',
    access: asterisk.access,
    trunk: 'trunk-1',
    cpu: () => processorSeconds(asterisk.instance.pid),
    async close() {
      await asterisk.close();
      await carrier.close();
    },
  };
}

const ticksPerSecond = 100;

function processorSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
