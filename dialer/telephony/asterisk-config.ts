import { confFile, type Section } from './config/conf-file.ts';
import { dialplanFile } from './config/dialplan-file.ts';
import { neededModules } from './config/modules.ts';
import { defaultApplication } from './dialplan.ts';
import { endpointObjects } from './endpoint-objects.ts';
import { figuresPath } from './ari/registrations.ts';
import type { EndpointSpec } from './telephony.ts';

/** What the configuration of an Asterisk is written from. */
export interface AsteriskSettings {
  app: string;
  ari: { bind: string; port: number; user: string; password: string };
  /** The HTTPS port carries `wss://` for agents, and needs a certificate. */
  tls: { port: number; certFile: string; keyFile: string } | null;
  sip: { bind: string; port: number };
  rtp: { from: number; to: number };
  /** The address that the world sees, when Asterisk is behind NAT. */
  externalAddress: string | null;
  /** Its own in its network then; browsers outside get no sound from a switch behind NAT that is not told. */
  localAddress: string | null;
  /** Networks that are reached without it, as `10.0.0.0/8`. */
  localNetworks: string[];
  /** A folder with hold music, as Asterisk sees it, or below its folder of data (`astdatadir`). */
  holdMusic: string;
  /** Endpoints in the files, beside those that are put at run time. */
  endpoints: EndpointSpec[];
}

export const usualSettings: AsteriskSettings = {
  app: defaultApplication,
  ari: { bind: '127.0.0.1', port: 8088, user: 'ringwise', password: '' },
  tls: null,
  sip: { bind: '0.0.0.0', port: 5060 },
  rtp: { from: 10_000, to: 20_000 },
  externalAddress: null,
  localAddress: null,
  localNetworks: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  holdMusic: 'sounds/ringwise/hold-music',
  endpoints: [],
};

/** The files of /etc/asterisk for Asterisk 20 or 22, by name. Pure: the same settings give the same text. */
export function asteriskConfig(settings: AsteriskSettings): Record<string, string> {
  return {
    'ari.conf': confFile('Remote control. Keep it from the internet.', [
      { name: 'general', values: { enabled: 'yes', pretty: 'no', websocket_write_timeout: '1000' } },
      {
        name: settings.ari.user,
        values: {
          type: 'user',
          read_only: 'no',
          password: settings.ari.password,
          password_format: 'plain',
        },
      },
    ]),
    'http.conf': confFile('The HTTP server of ARI and of the agents’ WebSocket.', [httpSection(settings)]),
    'pjsip.conf': confFile('SIP: transports, trunks, agents.', pjsipSections(settings)),
    'sorcery.conf': sorceryFile(),
    'extensions.conf': dialplanFile(settings.app),
    // Without the file app_amd does not load.
    'amd.conf': confFile('Machine detection: the dialplan gives the values.', [
      { name: 'general', values: { maximum_word_length: '5000' } },
    ]),
    'rtp.conf': confFile('Ports of sound, open to the carriers and to the agents.', [
      {
        name: 'general',
        values: { rtpstart: String(settings.rtp.from), rtpend: String(settings.rtp.to), strictrtp: 'yes' },
      },
      ...iceSections(settings),
    ]),
    'musiconhold.conf': confFile('Music for those who wait.', [
      { name: 'default', values: { mode: 'files', directory: settings.holdMusic } },
    ]),
    'logger.conf': confFile('What is written down, and where.', [
      { name: 'general', values: { dateformat: '%F %T.%3q' } },
      {
        name: 'logfiles',
        values: { console: 'notice,warning,error', 'messages.log': 'notice,warning,error' },
      },
    ]),
    'prometheus.conf': confFile('Whether trunks are registered, which ARI does not tell.', [
      {
        name: 'general',
        values: {
          ...{ enabled: 'yes', core_metrics_enabled: 'no', uri: figuresPath.slice(1) },
          ...{ auth_username: settings.ari.user, auth_password: settings.ari.password },
        },
      },
    ]),
    'modules.conf': modulesFile(),
  };
}

function httpSection({ ari, tls }: AsteriskSettings): Section {
  return {
    name: 'general',
    values: {
      enabled: 'yes',
      bindaddr: ari.bind,
      bindport: String(ari.port),
      // Each process of the product holds up to 20 connections, and each agent one.
      sessionlimit: '2000',
      session_keep_alive: '20000',
      ...(tls
        ? {
            tlsenable: 'yes',
            tlsbindaddr: `${ari.bind}:${tls.port}`,
            tlscertfile: tls.certFile,
            tlsprivatekey: tls.keyFile,
          }
        : {}),
    },
  };
}

/** Browsers go by the addresses that ICE offers, not by the one in the description of a call. */
function iceSections({ externalAddress, localAddress }: AsteriskSettings): Section[] {
  if (externalAddress === null || localAddress === null) return [];
  return [
    {
      name: 'ice_host_candidates',
      comment: 'Told to agents’ browsers beside the own address, which those in the same network use.',
      values: { [localAddress]: `${externalAddress},include_local_address` },
    },
  ];
}

function pjsipSections(settings: AsteriskSettings): Section[] {
  const { sip, tls, externalAddress } = settings;
  const outside: Section['values'] = externalAddress
    ? {
        external_media_address: externalAddress,
        external_signaling_address: externalAddress,
        local_net: settings.localNetworks,
      }
    : {};
  const transport = (protocol: string, more: Section['values'] = {}): Section => ({
    name: `transport-${protocol}`,
    values: {
      type: 'transport',
      protocol,
      bind: protocol === 'ws' || protocol === 'wss' ? '0.0.0.0' : `${sip.bind}:${sip.port}`,
      ...outside,
      ...more,
    },
  });
  return [
    {
      name: 'global',
      comment: 'By user name first: an agent on the machine or network of a trunk is still an agent.',
      values: {
        type: 'global',
        endpoint_identifier_order: 'username,ip,anonymous',
        user_agent: 'Ringwise',
        keep_alive_interval: '30',
      },
    },
    { name: 'system', values: { type: 'system', timer_t1: '500', timer_b: '32000' } },
    transport('udp'),
    transport('tcp'),
    // Calls to a carrier over TLS need no certificate of one's own.
    transport('tls', {
      bind: `${sip.bind}:${sip.port + 1}`,
      method: 'tlsv1_2',
      ...(tls ? { cert_file: tls.certFile, priv_key_file: tls.keyFile } : {}),
    }),
    transport('ws'),
    ...(tls ? [transport('wss')] : []),
    ...settings.endpoints.flatMap(endpointObjects).map(({ objectType, id, fields }) => ({
      name: id,
      values: {
        type: objectType,
        ...Object.fromEntries(fields.map(({ attribute, value }) => [attribute, value])),
      },
    })),
  ];
}

/**
 * Objects that are put at run time live in memory, where a lookup costs nothing; the product puts them again when
 * Asterisk has restarted. (In Asterisk's own database each call would parse them anew, with a warning in the log.)
 */
function sorceryFile(): string {
  const section = (name: string, types: string[]): Section => ({
    name,
    values: Object.fromEntries(
      types.map((type) => [type, [`config,pjsip.conf,criteria=type=${type}`, 'memory']]),
    ),
  });
  return confFile('Lets the product add trunks and agents while Asterisk runs.', [
    section('res_pjsip', ['auth', 'aor', 'endpoint']),
    section('res_pjsip_endpoint_identifier_ip', ['identify']),
    section('res_pjsip_outbound_registration', ['registration']),
  ]);
}

function modulesFile(): string {
  const groups = Object.entries(neededModules).map(
    ([purpose, modules]) => `\n; ${purpose}\n${modules.map((module) => `load = ${module}.so`).join('\n')}`,
  );
  return `; Only what is needed. Written by \`ringwise asterisk config\`.\n\n[modules]\nautoload = no\n${groups.join('\n')}\n`;
}
