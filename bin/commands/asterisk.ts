import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { createLog } from '../../core/log/log.ts';
import {
  asteriskConfig,
  asteriskRoot,
  checkAsterisk,
  ensureTool,
  espeak,
  filesInTheWay,
  installSounds,
  isSetUp,
  obstacle,
  ownInstance,
  provision,
  usualSettings,
  writeConfigFolder,
  type AsteriskInstance,
  type AsteriskSettings,
  type Finding,
  type OwnChoices,
} from '../../dialer/telephony/asterisk/index.ts';
import { readWav } from '../../dialer/telephony/audio/wav.ts';
import { putTrialPrompt } from '../../dialer/prompts/prompt-library.ts';
import { CommandError, configOf } from '../with-app.ts';

export function register(program: Command): void {
  const asterisk = program.command('asterisk').description('the telephone switch');

  asterisk
    .command('setup')
    .description(
      'make an Asterisk of our own in a folder of its own (Debian, root, some 40 s; safe to repeat)',
    )
    .option(
      '--bind <address>',
      'address of ARI and of the agents’ WebSocket (standard: 127.0.0.1)',
      ownAddress,
    )
    .option('--ari-port <port>', 'its port (standard: 8088)', port)
    .option('--sip-port <port>', 'port for carriers (standard: 5060)', port)
    .option('--rtp <from-to>', 'ports of sound (standard: 10000-20000)', range)
    .option(
      '--external-address <address>',
      'the address the world sees, when behind NAT; none: no NAT',
      outside,
    )
    .option('--local-address <address>', 'its own address then (standard: the first of this machine)', host)
    .option('--identification-en <file>', 'identification message in English, WAV 8 kHz mono', message)
    .option('--identification-zh-cn <file>', 'identification message in Mandarin for the mainland', message)
    .option('--identification-zh-tw <file>', 'identification message in Mandarin for Taiwan', message)
    .option('--use', 'let the product use it: writes the settings to ringwise.env in the data folder')
    .action(setup);

  asterisk.command('run').description('run the Asterisk that setup has made, in the foreground').action(run);

  asterisk
    .command('config')
    .description('write the configuration for an Asterisk 20 or 22 that you have already')
    .option('--out <folder>', 'where to write the files, the sounds and a page that says what to do')
    .option('--force', 'write over files that are there')
    .option('--user <name>', 'ARI user', ariUser, 'ringwise')
    .option('--password <password>', 'ARI password (standard: a new one)', ariPassword)
    .option(
      '--bind <address>',
      'address of ARI and of the agents’ WebSocket; 0.0.0.0: any',
      ownAddress,
      '127.0.0.1',
    )
    .option('--ari-port <port>', 'its port', port, 8088)
    .option('--sip-port <port>', 'port for carriers', port, 5060)
    .option('--rtp <from-to>', 'ports of sound (standard: 10000-20000)', range)
    .option('--external-address <address>', 'the address the world sees, when behind NAT', host)
    .option('--local-address <address>', 'its own address then (standard: what --bind names)', host)
    .option('--tls-port <port>', 'port for wss:// (with a certificate)', port, 8089)
    .option('--tls-cert <file>', 'certificate, as Asterisk sees it')
    .option('--tls-key <file>', 'its key')
    .option('--identification-en <file>', 'identification message in English, WAV 8 kHz mono', message)
    .option('--identification-zh-cn <file>', 'identification message in Mandarin for the mainland', message)
    .option('--identification-zh-tw <file>', 'identification message in Mandarin for Taiwan', message)
    .action(config);

  asterisk
    .command('check')
    .description('look at the Asterisk of the settings, and say in words what is missing on it')
    .option('--port <number>', 'where the product was started with --port: the same, in place of PORT')
    .action(check);
}

interface Messages {
  identificationEn?: string;
  identificationZhCn?: string;
  identificationZhTw?: string;
}

const messagesOf = ({ identificationEn, identificationZhCn, identificationZhTw }: Messages) => ({
  en: identificationEn,
  'zh-CN': identificationZhCn,
  'zh-TW': identificationZhTw,
});

interface SetupOptions extends OwnChoices, Messages {
  use?: boolean;
}

async function setup(options: SetupOptions, command: Command): Promise<void> {
  const root = asteriskRoot(process.env);
  const {
    identificationEn: _en,
    identificationZhCn: _cn,
    identificationZhTw: _tw,
    use,
    ...choices
  } = options;
  try {
    const tell = (line: string) => console.error(line);
    await provision(root, tell);
    await ensureTool('espeak-ng', tell);
    const instance = ownInstance(root, choices);
    instance.prepare();
    await installSounds(instance.soundsFolder, espeak(), messagesOf(options));
    instance.own();
    console.log(`Asterisk is ready in ${root}.`);
    if (use) writeEnv(configOf(command).dataDir, settingsOf(instance));
    else {
      console.log('To let the product use it, put these into the environment or into ringwise.env:');
      for (const [name, value] of Object.entries(settingsOf(instance))) console.log(`  ${name}=${value}`);
    }
    console.log('Start it with: bin/ringwise asterisk run');
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

async function run(): Promise<void> {
  const root = asteriskRoot(process.env);
  const why = obstacle(root);
  if (why) throw new CommandError(`Asterisk cannot run: ${why}.`);
  if (!isSetUp(root)) throw new CommandError('Run `ringwise asterisk setup` first.');
  const instance = ownInstance(root);
  if (await instance.answers())
    throw new CommandError(`An Asterisk runs already at ${instance.url}. Stop that one first.`);
  instance.prepare();
  const stop = () => void instance.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await instance.start('inherit');
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
  console.error(`Asterisk runs: ARI at ${instance.url}, SIP at port ${instance.settings.sip.port}.`);
  process.exitCode = (await instance.exit()) ?? 0;
}

interface ConfigOptions extends Messages {
  out?: string;
  force?: boolean;
  user: string;
  password?: string;
  bind: string;
  ariPort: number;
  sipPort: number;
  rtp?: { from: number; to: number };
  externalAddress?: string;
  localAddress?: string;
  tlsPort: number;
  tlsCert?: string;
  tlsKey?: string;
}

async function config(options: ConfigOptions): Promise<void> {
  const settings = settingsFrom(options);
  if (!options.out) {
    for (const [name, text] of Object.entries(asteriskConfig(settings)))
      console.log(`;;;;;;;;;; ${name}\n${text}`);
    return;
  }
  const folder = resolve(options.out);
  const there = filesInTheWay(folder, settings);
  if (there.length > 0 && !options.force)
    throw new CommandError(
      `${folder} has ${there.join(', ')} already: choose another folder, or add --force to write over them.`,
    );
  let missing: string | null;
  try {
    missing = await writeConfigFolder(folder, settings, espeak(), messagesOf(options));
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
  if (missing !== null) console.error(missing);
  console.log(`Written to ${folder}. What to do with it: ${join(folder, 'README.txt')}`);
}

function settingsFrom(options: ConfigOptions): AsteriskSettings {
  const { tlsCert, tlsKey } = options;
  if (Boolean(tlsCert) !== Boolean(tlsKey))
    throw new CommandError('--tls-cert and --tls-key belong together: give both, or neither.');
  return {
    ...usualSettings,
    ari: {
      bind: options.bind,
      port: options.ariPort,
      user: options.user,
      password: options.password ?? randomBytes(18).toString('base64url'),
    },
    tls: tlsCert && tlsKey ? { port: options.tlsPort, certFile: tlsCert, keyFile: tlsKey } : null,
    sip: { ...usualSettings.sip, port: options.sipPort },
    rtp: options.rtp ?? usualSettings.rtp,
    externalAddress: options.externalAddress ?? null,
    localAddress: localAddressOf(options),
  };
}

function localAddressOf({ bind, externalAddress, localAddress }: ConfigOptions): string | null {
  const named = localAddress ?? (/^(0\.0\.0\.0|127\..*|localhost|::1?)$/.test(bind) ? null : bind);
  if (externalAddress !== undefined && named === null)
    throw new CommandError(
      '--external-address needs --local-address too: the address that Asterisk has in its own network. Without it agents outside hear nothing.',
    );
  return named;
}

const marks: Record<Finding['level'], string> = { ok: 'ok  ', warning: 'note', problem: 'FAIL' };

async function check({ port }: { port?: string }, command: Command): Promise<void> {
  process.umask(0o077);
  const { asterisk, dataDir, publicUrl } = configOf(command, port === undefined ? {} : { PORT: port });
  if (!asterisk) {
    console.log('ASTERISK_URL is not set: the product runs on its carrier simulator, and needs no Asterisk.');
    return;
  }
  let problems = 0;
  let silent = false;
  const tell = ({ level, text, silence }: Finding) => {
    silent ||= silence === true;
    console.log(`${marks[level]}  ${text}`);
    if (level === 'problem') problems++;
  };
  const { name, remove } = await putTrialPrompt(dataDir);
  try {
    const prompts = { publicUrl, trial: `${publicUrl}/prompts/${name}` };
    await checkAsterisk(asterisk, createLog('silent'), tell, prompts);
  } finally {
    await remove();
  }
  const root = asteriskRoot(process.env);
  if (silent && isSetUp(root) && ownInstance(root).url === asterisk.url)
    console.log('      It is the one that setup has made: start it with bin/ringwise asterisk run');
  if (problems > 0)
    throw new CommandError(`${problems} ${problems === 1 ? 'thing is' : 'things are'} missing, see above.`);
  console.log('The product can work with this Asterisk.');
}

function settingsOf(instance: AsteriskInstance): Record<string, string> {
  const { user, password } = instance.settings.ari;
  return { ASTERISK_URL: instance.url, ASTERISK_USER: user, ASTERISK_PASSWORD: password };
}

/** Replaces these settings in the data folder's file, and leaves the others as they are. */
function writeEnv(dataDir: string, values: Record<string, string>): void {
  const file = join(dataDir, 'ringwise.env');
  const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = before.filter((line) => line !== '' && !(line.split('=')[0]!.trim() in values));
  const lines = [...kept, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  console.log(`The product will use it at its next start: ${file}`);
}

function host(text: string): string {
  if (
    isIP(text) > 0 ||
    // Figures alone are an address that was mistyped.
    /^(?!.*(^|\.)\d+$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(
      text,
    )
  )
    return text;
  throw new InvalidArgumentError('An address is an IP address or the name of a machine.');
}

/** One that a server can listen at. */
function ownAddress(text: string): string {
  if (isIP(text) > 0 || text === 'localhost') return text;
  throw new InvalidArgumentError('It is an IP address of this machine, or 0.0.0.0 for all of them.');
}

/** Empty takes back what was said before. */
const outside = (text: string): string => (text === 'none' ? '' : host(text));

function ariUser(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(text)) return text;
  throw new InvalidArgumentError('An ARI user is a short name of letters, digits, hyphens and dots.');
}

function ariPassword(text: string): string {
  if (text.length >= 8 && !/[\s\p{C}]/u.test(text)) return text;
  throw new InvalidArgumentError('A password has at least 8 characters, and no blanks.');
}

/** A file that Asterisk can play: what a customer hears by law must not turn out to be silence. */
function message(path: string): string {
  let problem: string;
  try {
    const { sampleRate, channels, samples } = readWav(readFileSync(path));
    if (sampleRate === 8000 && channels === 1 && samples.length > 0) return path;
    problem = `It has ${sampleRate} Hz, ${channels} channels and ${samples.length} samples.`;
  } catch (error) {
    problem = (error as Error).message;
  }
  throw new InvalidArgumentError(`${path} is not a WAV file of 8 kHz, mono, 16 bits. ${problem}`);
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return value;
}

function range(text: string): { from: number; to: number } {
  const [from, to] = text.split('-').map(port);
  if (from === undefined || to === undefined || to - from < 10)
    throw new InvalidArgumentError('Write it as 10000-20000.');
  return { from, to };
}
