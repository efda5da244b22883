import type { EndpointSpec } from './telephony.ts';
import { agentContext, incomingContext } from './dialplan.ts';

/** A leg of an agent that brings no sound for so long is ended by the switch, with `soundlessCause`; to the second. */
export const soundlessMs = 10_000;
/** Q.850; a peer that hangs up says another. */
export const soundlessCause = 44;

/** One object of Asterisk's PJSIP configuration, in a file or put at run time. */
export interface ConfigObject {
  objectType: string;
  id: string;
  fields: { attribute: string; value: string }[];
  /** The endpoint works without it: it only tells whose calls come in. */
  optional?: true;
}

/**
 * The PJSIP objects that make an endpoint, in the order in which they are put: what an object refers to comes
 * before it. Removed in the opposite order.
 */
export function endpointObjects(spec: EndpointSpec): ConfigObject[] {
  return spec.kind === 'trunk' ? trunkObjects(spec) : agentObjects(spec);
}

function agentObjects(spec: Extract<EndpointSpec, { kind: 'webrtc-agent' }>): ConfigObject[] {
  const { name, password } = spec;
  return [
    pjsip('auth', name, { auth_type: 'userpass', username: name, password }),
    // A browser that reloads registers anew at once; its old registration goes.
    pjsip('aor', name, { max_contacts: '1', remove_existing: 'yes', qualify_frequency: '30' }),
    pjsip('endpoint', name, {
      aors: name,
      auth: name,
      webrtc: 'yes',
      dtls_auto_generate_cert: 'yes',
      context: agentContext,
      disallow: 'all',
      allow: 'opus,ulaw,alaw',
      direct_media: 'no',
      send_connected_line: 'no',
      force_rport: 'yes',
      rewrite_contact: 'yes',
      // A browser sends sound all the time, muted or not: one that has sent none for so long is gone.
      rtp_timeout: String(soundlessMs / 1000),
      rtp_timeout_hold: '600',
    }),
  ];
}

/** Asterisk knows no tries without end: at one each half minute these last for centuries. */
const endless = '1000000000';

type Trunk = Extract<EndpointSpec, { kind: 'trunk' }>;

function trunkObjects(spec: Trunk): ConfigObject[] {
  const { name, username, password } = spec;
  const hasLogin = username !== null && password !== null;
  const server = `sip:${spec.host}:${spec.port}${spec.transport === 'udp' ? '' : `;transport=${spec.transport}`}`;
  const objects: ConfigObject[] = [];
  if (hasLogin) objects.push(pjsip('auth', name, { auth_type: 'userpass', username, password }));
  objects.push(
    pjsip('aor', name, { contact: server, qualify_frequency: '30' }),
    pjsip('endpoint', name, {
      aors: name,
      transport: `transport-${spec.transport}`,
      context: incomingContext,
      // By its address alone: by the name in From, which anybody can write, it would need a password.
      identify_by: 'ip',
      disallow: 'all',
      allow: (spec.codecs.length > 0 ? spec.codecs : ['alaw', 'ulaw']).join(','),
      direct_media: 'no',
      // Else joining an agent is told to the customer's carrier, with the agent's name, by an INVITE in mid-call.
      send_connected_line: 'no',
      send_pai: 'yes',
      ...(hasLogin ? { outbound_auth: name } : {}),
      ...(hasLogin && spec.loginInFrom ? { from_user: username } : {}),
    }),
    // Refused when the host's name cannot be resolved at that moment.
    { ...pjsip('identify', name, { endpoint: name, match: spec.host }), optional: true },
  );
  if (hasLogin && spec.register)
    objects.push(
      pjsip('registration', name, {
        transport: `transport-${spec.transport}`,
        outbound_auth: name,
        server_uri: server,
        client_uri: `sip:${username}@${spec.host}:${spec.port}`,
        // A carrier that was away for an hour, or refused us for one, is registered with when it is back.
        max_retries: endless,
        auth_rejection_permanent: 'no',
        retry_interval: '30',
        forbidden_retry_interval: '60',
        fatal_retry_interval: '60',
        line: 'yes',
        endpoint: name,
      }),
    );
  return objects;
}

function pjsip(objectType: string, id: string, values: Record<string, string>): ConfigObject {
  return { objectType, id, fields: fieldsOf(values) };
}

function fieldsOf(values: Record<string, string>): ConfigObject['fields'] {
  return Object.entries(values).map(([attribute, value]) => ({ attribute, value }));
}
