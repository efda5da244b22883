import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { systemClock } from '../../../core/clock/clock.ts';
import type { Logger } from '../../../core/log/log.ts';
import { accessError } from '../ari/access.ts';
import { createAriTelephony } from '../ari/adapter.ts';
import { AriStatusError } from '../ari/errors.ts';
import { ariJson, type AriAccess } from '../ari/http.ts';
import { readRegistrations } from '../ari/registrations.ts';
import { isDispensable, neededModules, timingModules } from '../config/modules.ts';
import {
  agentContext,
  amdContext,
  defaultApplication,
  incomingContext,
  silenceContext,
} from '../dialplan.ts';
import { checkPrompts, type PromptSource } from './check-prompts.ts';
import { playsFetched, probeSwitch, type ProbeResult } from './probe.ts';
import { usualIdentifications } from './sounds.ts';

/** One thing that was looked at, in words for the person who runs the switch. */
export interface Finding {
  level: 'ok' | 'warning' | 'problem';
  /** What was found, and where it is not well, what to do. */
  text: string;
  /** Nothing answers at its address. */
  silence?: boolean;
}

const timeoutMs = 5000;
const slowMs = 200;
const tested = [20, 22];
const fetchingModules = ['res_curl', 'res_http_media_cache'];
const echoModules = ['app_echo', 'func_timeout'];
/** Beside the application of the dialer, which may be at work meanwhile. */
const checkApplication = 'ringwise-check';

/** Looks at a switch from outside, and says in words what the product would miss on it. Leaves nothing behind. */
export async function checkAsterisk(
  access: AriAccess,
  log: Logger,
  tell: (finding: Finding) => void,
  prompts?: PromptSource,
): Promise<void> {
  const found = (level: Finding['level'], text: string) => tell({ level, text });
  const get = <T>(path: string) => ariJson<T>(access, { path, timeoutMs });

  let version: string;
  try {
    version = (await get<{ system: { version: string } }>('/asterisk/info')).system.version;
  } catch (error) {
    const known = accessError(error, access);
    const text = known instanceof Error ? known.message : String(known);
    return tell({ level: 'problem', text, silence: !(error instanceof AriStatusError) });
  }
  const major = Number.parseInt(version, 10);
  const wellKnown = tested.includes(major);
  found(
    wellKnown ? 'ok' : 'warning',
    `Asterisk ${version} answers at ${access.url} and takes the password.${wellKnown ? '' : ` It was tested with ${tested.join(' and ')}.`}`,
  );

  let modules: ReadonlySet<string>;
  try {
    modules = await checkModules(get, found);
    await checkPjsip(access, get, found);
    await checkAgentSocket(access, found);
    await checkRegistrations(access, found);
    await checkSpeed(get, found);
    await checkApplications(get, found);
  } catch (error) {
    found('problem', `It could not be asked further: ${(error as Error).message}`);
    return;
  }
  await checkByUse(access, log, found, { modules, prompts });
}

type Get = <T>(path: string) => Promise<T>;
export type Found = (level: Finding['level'], text: string) => void;

async function checkApplications(get: Get, found: Found): Promise<void> {
  const applications = await get<{ name: string }[]>('/applications');
  const dialerIsThere = applications.some(({ name }) => name === defaultApplication);
  found(
    'ok',
    dialerIsThere
      ? `The application "${defaultApplication}" is connected: a dialer is at work on this switch.`
      : `No dialer is connected now (application "${defaultApplication}").`,
  );
}

/** Returns those that run. */
async function checkModules(get: Get, found: Found): Promise<ReadonlySet<string>> {
  const modules = await get<{ name: string; status: string }[]>('/asterisk/modules');
  const running = new Set(
    modules.filter(({ status }) => status === 'Running').map(({ name }) => name.replace(/\.so$/, '')),
  );
  if (timingModules.some((name) => running.has(name))) running.add('res_timing_timerfd');
  let complete = true;
  for (const [purpose, names] of Object.entries(neededModules)) {
    const missing = names.filter((name) => !running.has(name));
    const grave = missing.filter((name) => !isDispensable(name));
    if (grave.length === 0) continue;
    complete = false;
    found('problem', `Modules for ${purpose} are not loaded: ${grave.join(', ')}. Add them to modules.conf.`);
  }
  const fetching = fetchingModules.filter((name) => !running.has(name));
  if (fetching.length > 0) {
    complete = false;
    found(
      'problem',
      `Modules for campaigns' own messages are not loaded: ${fetching.join(', ')}. Without them abandoned customers hear the general message, which does not name the firm. Add them to modules.conf.`,
    );
  }
  if (complete) found('ok', 'All modules that are needed are loaded.');
  if (![...running].some((name) => name.startsWith('codec_opus')))
    found('warning', 'No Opus codec is loaded: agents in the browser get G.711, which sounds duller.');
  return running;
}

async function checkPjsip(access: AriAccess, get: Get, found: Found): Promise<void> {
  const object = async (path: string) => {
    try {
      return await get<{ attribute: string; value: string }[]>(`/asterisk/config/dynamic/res_pjsip/${path}`);
    } catch (error) {
      if (error instanceof AriStatusError) return null;
      throw error;
    }
  };
  const socket = access.url.startsWith('https:') ? 'wss' : 'ws';
  const users: Record<string, string> = {
    udp: 'trunks use it',
    tcp: 'trunks over TCP use it',
    tls: 'trunks over TLS use it',
    [socket]: 'agents in the browser come in by it',
  };
  for (const [name, use] of Object.entries(users))
    if (await object(`transport/transport-${name}`)) found('ok', `PJSIP has transport-${name}.`);
    else
      found(
        name === 'udp' ? 'problem' : 'warning',
        `PJSIP has no transport of the name transport-${name}: take it over from \`ringwise asterisk config\`, as ${use}.`,
      );
  const global = await object('global/global');
  const order = global?.find(({ attribute }) => attribute === 'endpoint_identifier_order')?.value ?? '';
  if (order.startsWith('username')) found('ok', 'PJSIP tells agents by their user name first.');
  else
    found(
      'warning',
      'In pjsip.conf, set endpoint_identifier_order=username,ip,anonymous in [global]: otherwise an agent at the address of a trunk is refused.',
    );
  const probe = `ringwise-check-${randomUUID().slice(0, 8)}`;
  const path = `/asterisk/config/dynamic/res_pjsip/auth/${probe}`;
  try {
    const fields = [
      { attribute: 'auth_type', value: 'userpass' },
      { attribute: 'username', value: probe },
      { attribute: 'password', value: probe },
    ];
    await ariJson(access, { method: 'PUT', path, body: { fields }, timeoutMs });
    await ariJson(access, { method: 'DELETE', path, timeoutMs });
    found('ok', 'Trunks and agents can be added while Asterisk runs.');
  } catch (error) {
    if (!(error instanceof AriStatusError)) throw error;
    found(
      'warning',
      'Trunks and agents cannot be added while Asterisk runs: take over sorcery.conf from `ringwise asterisk config`, or keep them in pjsip.conf yourself.',
    );
  }
}

/** The way agents' browsers come in: a WebSocket of the subprotocol `sip`. */
async function checkAgentSocket(access: AriAccess, found: Found): Promise<void> {
  const url = new URL('/ws', access.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const opened = await new Promise<boolean>((resolve) => {
    const socket = new WebSocket(url, 'sip', { handshakeTimeout: timeoutMs });
    socket.once('open', () => {
      socket.close();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (opened) found('ok', `Agents' browsers can come in at ${url.href}.`);
  else
    found(
      'problem',
      `${url.href} takes no SIP over WebSocket: load res_pjsip_transport_websocket and res_http_websocket.`,
    );
  if (opened && url.protocol === 'ws:')
    found(
      'warning',
      'Browsers on other machines need wss:// and HTTPS for the microphone: put a TLS proxy before Asterisk, or set tlsenable in http.conf.',
    );
}

async function checkRegistrations(access: AriAccess, found: Found): Promise<void> {
  try {
    await readRegistrations(access, timeoutMs);
    found('ok', 'It tells whether trunks are registered.');
  } catch {
    found(
      'warning',
      'It does not tell whether carriers take the registrations of trunks: take over prometheus.conf from `ringwise asterisk config`, and load res_prometheus.',
    );
  }
}

async function checkSpeed(get: Get, found: Found): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 11; i++) {
    const before = performance.now();
    await get('/asterisk/ping');
    times.push(performance.now() - before);
  }
  const median = Math.round(times.sort((a, b) => a - b)[5] ?? 0);
  if (median <= slowMs) found('ok', `It answers within ${Math.max(1, median)} ms.`);
  else
    found(
      'problem',
      `It takes ${median} ms for an answer: the network between is slow, or Asterisk waits for DNS (put A.ROOT-SERVERS.NET and its own host name into /etc/hosts).`,
    );
}

const recordingCure: Record<NonNullable<ProbeResult['recordsNot']>, string> = {
  'no-folder':
    'make the folder `recording` below its spool folder (/var/spool/asterisk/recording), owned by the user that Asterisk runs as.',
  'no-format': 'load format_wav.',
  'no-file':
    'a recording left no file. Let the user that Asterisk runs as write to /var/spool/asterisk/recording, and see that the disk is not full.',
};

/** What only trying it out tells: event socket, dialplan, recording, sounds. */
async function checkByUse(
  access: AriAccess,
  log: Logger,
  found: Found,
  { modules, prompts }: { modules: ReadonlySet<string>; prompts: PromptSource | undefined },
): Promise<void> {
  const lacked = (names: readonly string[]) => names.filter((name) => !modules.has(name));
  const telephony = createAriTelephony({ ...access, app: checkApplication, clock: systemClock, log });
  let why = 'the event socket did not open';
  telephony.on((event) => {
    if (event.type === 'down') ({ why } = event);
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const giveUp = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(why)), 2 * timeoutMs);
    });
    await Promise.race([telephony.connect(), giveUp]);
    found('ok', 'Events come over the WebSocket.');
    const probe = await probeSwitch(telephony, access, {
      application: checkApplication,
      contexts: [amdContext, silenceContext, incomingContext, agentContext],
      sounds: usualIdentifications(),
    });
    for (const context of probe.missingContexts)
      found(
        'problem',
        `The dialplan has no context [${context}]: take it over from extensions.conf of \`ringwise asterisk config\`.`,
      );
    if (probe.missingContexts.length === 0) found('ok', 'The dialplan has the contexts that are needed.');
    const echoLacks = lacked(echoModules);
    const hasEcho = probe.hasEcho || probe.missingContexts.includes(agentContext);
    if (!hasEcho || echoLacks.length > 0) {
      const cures = [
        ...(hasEcho
          ? []
          : [`take over [${agentContext}] from extensions.conf of \`ringwise asterisk config\``]),
        ...(echoLacks.length > 0 ? [`load ${echoLacks.join(', ')}`] : []),
      ];
      found('warning', `Agents cannot make a test call: ${cures.join(', and ')}.`);
    }
    if (probe.recordsNot) found('problem', `It cannot record: ${recordingCure[probe.recordsNot]}`);
    else found('ok', 'It records.');
    if (probe.hasHoldMusic) found('ok', 'Those who wait hear music.');
    else if (probe.hasHoldMusic === false)
      found(
        'warning',
        'Those who wait hear nothing: take over [default] from musiconhold.conf of `ringwise asterisk config`, with a folder that holds its sound.',
      );
    // Every sound of the product is a WAV file: without its format none plays, wherever it lies.
    const playsWav = modules.has('format_wav');
    if (playsWav)
      for (const sound of probe.missingSounds)
        found(
          'warning',
          `It has no ${sound}: put the file below its folder of sounds, as \`ringwise asterisk config\` says.`,
        );
    else found('problem', 'It plays no message and no hold music of the product: load format_wav.');
    if (playsWav && probe.missingSounds.length === 0) found('ok', 'It has the identification messages.');
    if (prompts && lacked(['format_wav', ...fetchingModules]).length === 0)
      await checkPrompts(access, prompts, found, (media) =>
        playsFetched(telephony, access, checkApplication, media),
      );
  } catch (error) {
    found('problem', `Trying it out failed: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
    await telephony.close();
  }
}
