import {
  customersByNumber,
  ordinaryCustomer,
  type CustomerBehaviour,
} from '../../../dialer/telephony/customers.ts';

export interface Media {
  /** The port at which received sound is weighed; it is what the SDP of an answer names. */
  sinkPort: number;
  /** Raw μ-law files as SIPp sees them: what a person says after the answer, and what a machine does. */
  greeting: string;
  machine: string;
}

/**
 * A SIPp scenario in which the called number chooses the customer: one branch for each entry of `customersByNumber`.
 * Each INVITE leaves a line `INVITE dialled=… caller=… rtp=… attestation=… account=…` in SIPp's log.
 */
export function carrierScenario(media: Media): string {
  const customers: [string, CustomerBehaviour][] = [
    ...Object.entries(customersByNumber),
    ['other', ordinaryCustomer],
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="customers">
  <recv request="INVITE" rrs="true">
    <action>
      <ereg regexp="INVITE sip:([^@ ;]*)" search_in="msg" check_it="false" assign_to="line,dialled"/>
      <ereg regexp=".*" search_in="hdr" header="From:" check_it="false" assign_to="from"/>
      <ereg regexp="sip:([^@&gt;]*)" search_in="hdr" header="From:" check_it="false" assign_to="fromuri,caller"/>
      <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" check_it="false" assign_to="contact"/>
      <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" check_it="false" assign_to="cseq"/>
      <ereg regexp="m=audio ([0-9]+)" search_in="body" check_it="false" assign_to="audio,rtp"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="P-Attestation-Indicator:" check_it="false" assign_to="attestation"/>
      <ereg regexp="[^ ].*" search_in="hdr" header="X-Account:" check_it="false" assign_to="account"/>
${Object.keys(customersByNumber)
  .map(
    (digits) =>
      `      <ereg regexp="^INVITE sip:[^@ ]*${digits}@" search_in="msg" check_it="false" assign_to="is${digits}"/>`,
  )
  .join('\n')}
      <log message="INVITE dialled=[$dialled] caller=[$caller] rtp=[$rtp] attestation=[$attestation] account=[$account]"/>
    </action>
  </recv>
  <Reference variables="line,fromuri,audio,from,contact,cseq"/>
  <send>
${response('100 Trying', '')}
  </send>
${Object.keys(customersByNumber)
  .map((digits) => `  <nop next="customer${digits}" test="is${digits}"/>`)
  .join('\n')}
  <nop next="customerother"/>
${customers.map(([digits, customer]) => branch(digits, customer, media)).join('\n')}
  <label id="cancelled"/>
  <send>
${response('200 OK')}
  </send>
  <send retrans="500">
${response('487 Request Terminated', tagged, '[$cseq] INVITE')}
  </send>
  <recv request="ACK" next="done"/>
  <label id="bye"/>
  <send>
${response('200 OK', '')}
  </send>
  <label id="done"/>
  <nop/>
</scenario>
`;
}

/** A carrier that refuses every call, at once or after it has asked for a login. */
export function refusingScenario(status: number, phrase: string, challenges: boolean): string {
  const challenge = `  <send retrans="500">
${response('407 Proxy Authentication Required', tagged, '[last_CSeq:]', undefined, 'Proxy-Authenticate: Digest realm="carrier", nonce="once", algorithm=MD5')}
  </send>
  <recv request="ACK"/>
  <recv request="INVITE"/>
`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="refuses">
  <recv request="INVITE">
    <action>
      <ereg regexp="INVITE sip:([^@ ;]*)" search_in="msg" check_it="false" assign_to="line,dialled"/>
      <ereg regexp="sip:([^@&gt;]*)" search_in="hdr" header="From:" check_it="false" assign_to="fromuri,caller"/>
      <log message="INVITE dialled=[$dialled] caller=[$caller] rtp=0"/>
    </action>
  </recv>
  <Reference variables="line,fromuri"/>
${challenges ? challenge : ''}  <send retrans="500">
${response(`${status} ${phrase}`)}
  </send>
  <recv request="ACK"/>
</scenario>
`;
}

/** A customer who calls in, waits for an answer and stays for `talkMs` or until hung up on. Dialled: `-s`. */
export function callingScenario(from: string, talkMs: number): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="calls in">
  <send retrans="500">
    <![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${from}@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:${from}@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

${sdp('[auto_media_port]')}
    ]]>
  </send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true"/>
  <send>
    <![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${from}@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

    ]]>
  </send>
  <recv request="BYE" timeout="${talkMs}" ontimeout="tired" next="bye"/>
  <label id="tired"/>
  <send retrans="500">
    <![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${from}@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

    ]]>
  </send>
  <recv response="200" next="done"/>
  <label id="bye"/>
  <send>
${response('200 OK', '')}
  </send>
  <label id="done"/>
  <nop/>
</scenario>
`;
}

const tagged = ';tag=[pid]-[call_number]';

function branch(digits: string, customer: CustomerBehaviour, media: Media): string {
  const name = `customer${digits}`;
  const { refusal, earlyMediaMs = 0, ringMs } = customer;
  if (refusal)
    return `  <label id="${name}"/>
  <pause milliseconds="${ringMs}"/>
  <send retrans="500">
${response(`${refusal.sip} ${refusal.phrase}`)}
  </send>
  <recv request="ACK" next="done"/>`;
  const early = earlyMediaMs
    ? `${waitForCancel(earlyMediaMs, `${name}early`)}
  <label id="${name}early"/>
  <send>
${response('183 Session Progress', tagged, '[last_CSeq:]', media.sinkPort)}
  </send>
`
    : '';
  return `  <label id="${name}"/>
  <send>
${response('180 Ringing')}
  </send>
${early}${customer.silent ? '  <recv request="CANCEL" next="cancelled"/>' : answer(name, ringMs - earlyMediaMs, customer, media)}`;
}

function waitForCancel(ms: number, otherwise: string): string {
  return `  <recv request="CANCEL" timeout="${Math.max(1, ms)}" ontimeout="${otherwise}" next="cancelled"/>`;
}

function answer(name: string, ringMs: number, customer: CustomerBehaviour, media: Media): string {
  const file = customer.voice === 'machine' ? media.machine : media.greeting;
  const voice =
    customer.voice === 'silence' || customer.keys
      ? ''
      : `  <nop><action><exec rtp_stream="${file},-1,0,PCMU/8000"/></action></nop>\n`;
  const keys = customer.keys
    ? `  <recv request="BYE" timeout="${customer.keys.afterMs}" ontimeout="${name}keys" next="bye"/>
  <label id="${name}keys"/>
${[...customer.keys.digits].map(pressKey).join('\n')}
`
    : '';
  const end =
    customer.talkMs === null
      ? '  <recv request="BYE" next="bye"/>'
      : `  <recv request="BYE" timeout="${customer.talkMs}" ontimeout="${name}ends" next="bye"/>
  <label id="${name}ends"/>
  <send retrans="500">
    <![CDATA[
BYE [$contact] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [$to]
To: [$from]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

    ]]>
  </send>
  <recv response="200" next="done"/>`;
  return `${waitForCancel(ringMs, `${name}answers`)}
  <label id="${name}answers"/>
  <send retrans="500">
${response('200 OK', tagged, '[last_CSeq:]', customer.keys ? '[auto_media_port]' : media.sinkPort)}
  </send>
  <recv request="ACK">
    <action><ereg regexp=".*" search_in="hdr" header="To:" check_it="false" assign_to="to"/></action>
  </recv>
${voice}${keys}${end}`;
}

/** RFC 4733, from the recordings of keys that come with SIPp. */
function pressKey(key: string): string {
  const file = { '*': 'star', '#': 'pound' }[key] ?? key;
  return `  <nop><action><exec play_pcap_audio="/usr/share/sip-tester/dtmf_2833_${file}.pcap"/></action></nop>
  <pause milliseconds="400"/>`;
}

function response(
  status: string,
  tag = tagged,
  cseq = '[last_CSeq:]',
  mediaPort?: number | string,
  header = '',
): string {
  const body = mediaPort
    ? `Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

${sdp(String(mediaPort))}`
    : `Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0
`;
  return `    <![CDATA[
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:]${tag}
[last_Call-ID:]
${cseq.startsWith('[last') ? cseq : `CSeq: ${cseq}`}${header && `\n${header}`}
${body}
    ]]>`;
}

function sdp(port: string): string {
  return `v=0
o=customer 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio ${port} RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15`;
}
