import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { usualSettings, type AsteriskSettings } from '../asterisk-config.ts';
import { AsteriskInstance } from './instance.ts';

const instanceName = 'main';

/** What a person may choose for the Asterisk of our own; what is not given stays as it was. */
export interface OwnChoices {
  bind?: string;
  ariPort?: number;
  sipPort?: number;
  rtp?: { from: number; to: number };
  /** '': none any more. */
  externalAddress?: string;
  localAddress?: string;
}

/**
 * The Asterisk of our own in `root`, with the settings it was set up with. Choices are kept in its folder; the
 * password is made once.
 */
export function ownInstance(root: string, choices: OwnChoices = {}): AsteriskInstance {
  const folder = join(root, 'srv/ringwise', instanceName);
  const file = join(folder, 'settings.json');
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as AsteriskSettings)
    : {
        ...usualSettings,
        ari: { ...usualSettings.ari, password: randomBytes(18).toString('base64url') },
      };
  const settings: AsteriskSettings = {
    ...before,
    ari: {
      ...before.ari,
      bind: choices.bind ?? before.ari.bind,
      port: choices.ariPort ?? before.ari.port,
    },
    sip: { ...before.sip, port: choices.sipPort ?? before.sip.port },
    rtp: choices.rtp ?? before.rtp,
    externalAddress: (choices.externalAddress ?? before.externalAddress) || null,
    localAddress: choices.localAddress ?? before.localAddress ?? ownAddress(),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  return new AsteriskInstance(root, instanceName, settings);
}

/** The first that others in the network reach. */
function ownAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}

/** Whether `asterisk setup` has been run in this root. */
export function isSetUp(root: string): boolean {
  return existsSync(join(root, 'srv/ringwise', instanceName, 'settings.json'));
}
