import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asteriskConfig, type AsteriskSettings } from '../asterisk-config.ts';
import { SpeechError, type Speech } from '../speech.ts';
import { identificationFiles, installSounds } from './sounds.ts';

/** Files of the configuration that are there already and would be written over. */
export function filesInTheWay(folder: string, settings: AsteriskSettings): string[] {
  return Object.keys(asteriskConfig(settings)).filter((name) => existsSync(join(folder, name)));
}

/**
 * Writes, for an Asterisk that a firm has already: the configuration, the sounds, and a page that says what to do.
 * Without a voice the page says which messages are missing; returned is what it says of that, null where none is.
 */
export async function writeConfigFolder(
  folder: string,
  settings: AsteriskSettings,
  speech: Speech | null,
  given: Readonly<Record<string, string | undefined>> = {},
): Promise<string | null> {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(asteriskConfig(settings)))
    writeFileSync(join(folder, name), text, { mode: 0o640 });
  let missing: string | null = null;
  try {
    await installSounds(join(folder, 'sounds/ringwise'), speech, given);
  } catch (error) {
    if (!(error instanceof SpeechError)) throw error;
    missing = missingMessages(join(folder, 'sounds/ringwise'), error);
  }
  writeFileSync(join(folder, 'README.txt'), readme(settings, missing));
  return missing;
}

function missingMessages(folder: string, why: SpeechError): string {
  const files = identificationFiles().filter((name) => !existsSync(join(folder, name)));
  return `The identification messages could not be spoken: ${why.message}
   Put ${files.join(', ')} into sounds/ringwise yourself (WAV, 8 kHz, mono, 16 bits):
   a customer whom no agent is free for hears one of them, and nothing without.`;
}

function readme({ ari, sip, rtp, tls, holdMusic }: AsteriskSettings, missing: string | null): string {
  const bind =
    ari.bind === '127.0.0.1' || ari.bind === 'localhost'
      ? `only from this machine (bindaddr=${ari.bind}). Where the product, or the proxy for agents' browsers, is on
   another, write the address they reach into bindaddr of http.conf, or write all anew with --bind ADDRESS`
      : `at ${ari.bind} (bindaddr in http.conf)`;
  return `Configuration for your Asterisk 20 or 22
========================================

1. An Asterisk that does nothing else: copy the .conf files to /etc/asterisk.
   An Asterisk that has other work: take over these sections into your own files.
     ari.conf          [${ari.user}], and enabled=yes
     http.conf         enabled=yes, an address and a port that the product reaches
     pjsip.conf        endpoint_identifier_order in [global]; the transports, by these names
     sorcery.conf      all of it: the product adds trunks and agents while Asterisk runs
     extensions.conf   the contexts whose names begin with ringwise-
     musiconhold.conf  [default], if you have none
     prometheus.conf   all of it: it tells whether carriers take the trunks' registrations
     amd.conf          if you have none: without it machine detection (app_amd) does not load
   modules.conf loads only what is needed; with autoload=yes in yours, you need nothing of it.

2. Copy the folder sounds/ringwise below Asterisk's folder of sounds: /var/lib/asterisk/sounds, on Debian
   /usr/share/asterisk/sounds. (Music on hold is looked for in ${holdMusic}, below the folder of data that
   asterisk.conf names as astdatadir.)${missing === null ? '' : `\n   ${missing}`}

3. Make /var/spool/asterisk/recording, owned by the user that Asterisk runs as.

4. Open in the firewall: UDP and TCP ${sip.port} to your carriers, UDP ${rtp.from}-${rtp.to} to carriers and
   agents. The HTTP server answers ${bind}.
   ARI (TCP ${ari.port}) to the product alone: whoever has its password can place calls.
   Agents' browsers come in by WebSocket at /ws of the same HTTP server${tls ? ` or, encrypted, of port ${tls.port}` : ''}.
   On other machines than this they need wss://${
     tls
       ? `: set “WebSocket of the switch” under Settings to
   wss://YOUR-ASTERISK:${tls.port}/ws`
       : ', so let a TLS proxy pass /ws and nothing else'
   }.

5. Restart Asterisk, then set for the product, and let it look:
     ASTERISK_URL=http://YOUR-ASTERISK:${ari.port}
     ASTERISK_USER=${ari.user}
     ASTERISK_PASSWORD=(the password in ari.conf)
     bin/ringwise asterisk check
`;
}
