import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import { asteriskConfig, usualSettings } from '../../../dialer/telephony/asterisk-config.ts';
import { filesInTheWay, writeConfigFolder } from '../../../dialer/telephony/asterisk/own-config.ts';
import { espeak } from '../../../dialer/telephony/speech.ts';
import { supportFiles } from '../../../dialer/telephony/asterisk/support-files.ts';
import type { EndpointSpec } from '../../../dialer/telephony/index.ts';

const trunk: EndpointSpec = {
  kind: 'trunk',
  name: 'trunk-3',
  host: 'sip.example.com',
  port: 5061,
  transport: 'tls',
  username: 'firm',
  password: 'a;b\nexten = 1',
  register: true,
  loginInFrom: false,
  codecs: ['g722', 'alaw'],
};

/** `section/key` → values, as Asterisk would read them. */
function parse(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    if (line.startsWith(';') || line === '') continue;
    const header = /^\[(.+)\]$/.exec(line);
    if (header) {
      section = header[1] ?? '';
      continue;
    }
    const [, key, value] = /^(\S+) =>? ?(.*)$/.exec(line) ?? [];
    assert.ok(key, `no setting: ${line}`);
    assert.ok(!/(^|[^\\]);/.test(value ?? ''), `an open comment: ${line}`);
    const name = `${section}/${key}`;
    found.set(name, [...(found.get(name) ?? []), (value ?? '').replace(/\\;/g, ';')]);
  }
  return found;
}

describe('the configuration of an Asterisk', () => {
  it('is the same for the same settings', () => {
    assert.deepEqual(asteriskConfig(usualSettings), asteriskConfig({ ...usualSettings }));
  });

  it('asks for the order of identification that lets agents in beside a trunk', () => {
    const pjsip = parse(asteriskConfig(usualSettings)['pjsip.conf'] ?? '');
    assert.deepEqual(pjsip.get('global/endpoint_identifier_order'), ['username,ip,anonymous']);
    assert.deepEqual(pjsip.get('transport-ws/protocol'), ['ws']);
    assert.equal(pjsip.has('transport-wss/protocol'), false);
    assert.deepEqual(
      pjsip.get('transport-tls/protocol'),
      ['tls'],
      'a carrier over TLS asks for no certificate',
    );
    assert.equal(pjsip.has('transport-tls/cert_file'), false);
  });

  it('serves wss and SIP over TLS where there is a certificate', () => {
    const files = asteriskConfig({
      ...usualSettings,
      tls: { port: 8089, certFile: '/etc/a.crt', keyFile: '/etc/a.key' },
      externalAddress: '203.0.113.7',
      localAddress: '10.0.0.5',
    });
    const pjsip = parse(files['pjsip.conf'] ?? '');
    assert.deepEqual(pjsip.get('transport-wss/protocol'), ['wss']);
    assert.deepEqual(pjsip.get('transport-tls/cert_file'), ['/etc/a.crt']);
    assert.deepEqual(pjsip.get('transport-udp/external_media_address'), ['203.0.113.7']);
    assert.equal(pjsip.get('transport-udp/local_net')?.length, 3);
    const rtp = parse(files['rtp.conf'] ?? '');
    assert.deepEqual(rtp.get('ice_host_candidates/10.0.0.5'), ['203.0.113.7,include_local_address']);
    assert.deepEqual(parse(files['http.conf'] ?? '').get('general/tlsbindaddr'), ['127.0.0.1:8089'], 'as ARI: it answers there too'); // prettier-ignore
  });

  it('writes trunks and agents so that no value can become a setting of its own', () => {
    const endpoints: EndpointSpec[] = [trunk, { kind: 'webrtc-agent', name: 'agent-7', password: 'x' }];
    const pjsip = parse(asteriskConfig({ ...usualSettings, endpoints })['pjsip.conf'] ?? '');
    assert.deepEqual(pjsip.get('trunk-3/type'), ['auth', 'aor', 'endpoint', 'identify', 'registration']);
    assert.deepEqual(pjsip.get('trunk-3/password'), ['a;b exten = 1']);
    assert.deepEqual(pjsip.get('trunk-3/contact'), ['sip:sip.example.com:5061;transport=tls']);
    assert.deepEqual(pjsip.get('trunk-3/allow'), ['g722,alaw']);
    assert.deepEqual(pjsip.get('agent-7/webrtc'), ['yes']);
    assert.deepEqual(pjsip.get('trunk-3/identify_by'), ['ip'], 'nobody is a trunk by saying so');
  });

  it('has every file readable as Asterisk reads it, also those of an Asterisk of our own', () => {
    const files = {
      ...asteriskConfig(usualSettings),
      ...supportFiles('/srv/ringwise/main', '/usr/lib/asterisk/modules'),
    };
    for (const [name, text] of Object.entries(files))
      if (name !== 'extensions.conf') assert.doesNotThrow(() => parse(text), name);
  });

  it('returns channels from detection to the application that they came from', () => {
    const dialplan = asteriskConfig({ ...usualSettings, app: 'cell-2' })['extensions.conf'] ?? '';
    assert.match(
      dialplan,
      /Stasis\(\$\{IF\(\$\["\$\{RINGWISE_APP\}" = ""\]\?cell-2:\$\{RINGWISE_APP\}\)\},amd,/,
    );
    assert.match(dialplan, /exten => _\+X\.,1,Stasis\(cell-2,incoming,\$\{EXTEN\}\)/);
  });

  describe('in a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringwise-config-'));
    after(() => rmSync(folder, { recursive: true }));

    it('lies with its sounds and a page that says what to do, closed to other users', async () => {
      const settings = { ...usualSettings, ari: { ...usualSettings.ari, password: 'quite secret' } };
      assert.deepEqual(filesInTheWay(folder, settings), []);
      await writeConfigFolder(folder, settings, null);
      assert.ok(filesInTheWay(folder, settings).includes('pjsip.conf'));
      assert.equal(statSync(join(folder, 'ari.conf')).mode & 0o007, 0);
      assert.ok(statSync(join(folder, 'sounds/ringwise/hold-music/calm.wav')).size > 100_000);
      const page = readFileSync(join(folder, 'README.txt'), 'utf8');
      assert.doesNotMatch(page, /quite secret/);
      assert.match(page, /only from this machine \(bindaddr=127\.0\.0\.1\)[\s\S]*--bind ADDRESS/);
    });

    it('says at which address of the machine its HTTP server answers', async () => {
      const there = join(folder, 'bound');
      const settings = { ...usualSettings, ari: { ...usualSettings.ari, bind: '10.0.0.5' } };
      await writeConfigFolder(there, settings, null);
      const page = readFileSync(join(there, 'README.txt'), 'utf8');
      assert.match(page, /answers at 10\.0\.0\.5 \(bindaddr in http\.conf\)/);
      assert.match(readFileSync(join(there, 'http.conf'), 'utf8'), /bindaddr ?= ?10\.0\.0\.5/);
    });

    it('fault: no voice is installed – all is written, with the messages that were given, and the page says what is missing', async () => {
      const there = join(folder, 'mute');
      const own = join(folder, 'own.wav');
      writeFileSync(own, 'spoken by the firm');
      const missing = await writeConfigFolder(there, usualSettings, espeak('no-such-voice'), {
        'zh-CN': own,
      });
      assert.match(missing ?? '', /no-such-voice is not installed/);
      const page = readFileSync(join(there, 'README.txt'), 'utf8');
      assert.match(page, /Put identification-en\.wav, identification-zh-TW\.wav into sounds\/ringwise/);
      assert.equal(
        readFileSync(join(there, 'sounds/ringwise/identification-zh-CN.wav'), 'utf8'),
        'spoken by the firm',
      );
    });
  });
});
