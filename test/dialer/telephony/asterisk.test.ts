import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { chmodSync, chownSync, copyFileSync, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { systemClock } from '../../../core/clock/clock.ts';
import { createLog } from '../../../core/log/log.ts';
import { checkAsterisk, type Finding } from '../../../dialer/telephony/asterisk/index.ts';
import { asteriskRoot } from '../../../dialer/telephony/asterisk/root.ts';
import { speechWav } from '../../../dialer/telephony/audio/synthetic-speech.ts';
import { encodeWav } from '../../../dialer/telephony/audio/wav.ts';
import { overHttp } from '../../../dialer/telephony/spoken-sounds.ts';
import { createAriTelephony, type EndpointSpec, type Telephony } from '../../../dialer/telephony/index.ts';
import {
  asteriskObstacle,
  freeTcpPort,
  startTestAsterisk,
  type TestAsterisk,
} from '../../support/asterisk.ts';
import { certificateIn } from '../../support/certificate.ts';
import { startDoor } from '../../support/process.ts';
import { temporaryFolder } from '../../support/servers.ts';
import { ariJson, type AriAccess } from '../../../dialer/telephony/ari/http.ts';
import { eventually } from '../../support/eventually.ts';
import { RegisteringPhone } from '../../support/sipp/register.ts';
import { RateGate } from '../../support/sipp/rate-gate.ts';
import { Registrar } from '../../support/sipp/registrar.ts';
import { CallingCustomer, RefusingCarrier, SippCarrier } from '../../support/sipp/sipp.ts';
import { skip } from '../../support/skip.ts';
import { defaultAmdSettings } from '../../../campaigns/index.ts';
import { amdArguments } from '../../../dialer/amd/index.ts';
import { amdVariable } from '../../../dialer/telephony/dialplan.ts';
import { telephonyContract } from './contract.ts';
import { EventLog } from './event-log.ts';
import { lossyDialer } from './lossy-dialer.ts';

const log = createLog(process.env['LOG_LEVEL'] ?? 'silent');

function trunkTo(port: number, name: string): EndpointSpec {
  return {
    kind: 'trunk',
    name,
    host: '127.0.0.1',
    port,
    transport: 'udp',
    username: null,
    password: null,
    register: false,
    loginInFrom: false,
    codecs: ['ulaw'],
  };
}

describe('on a real Asterisk', function () {
  before(async function () {
    this.timeout(300_000);
    const why = await asteriskObstacle();
    if (why) skip(this, why);
  });

  telephonyContract('Asterisk', async () => {
    const root = asteriskRoot(process.env);
    const carrier = await SippCarrier.start(root);
    const asterisk = await startTestAsterisk(
      ['trunk-1', 'agent-1'].map((name) => trunkTo(carrier.port, name)),
    );
    const telephony = createAriTelephony({ ...asterisk.access, clock: systemClock, log });
    await telephony.connect();
    const callers: CallingCustomer[] = [];
    return {
      telephony,
      customer: (digits) => `PJSIP/+120255501${digits}@trunk-1`,
      agent: 'PJSIP/agent-1',
      async callIn(from, number) {
        const to = { host: '127.0.0.1', port: asterisk.sipPort, number };
        callers.push(await CallingCustomer.start(root, to, from));
      },
      async close() {
        await telephony.close();
        for (const caller of callers) await caller.close();
        await asterisk.close();
        await carrier.close();
      },
    };
  });

  describe('beyond the contract', function () {
    this.timeout(30_000);
    const open: { close(): Promise<void> | void }[] = [];
    let asterisk: TestAsterisk;
    let carrier: SippCarrier;
    let telephony: Telephony;
    let events: EventLog;

    before(async function () {
      this.timeout(60_000);
      asterisk = await startTestAsterisk([]);
      open.push(asterisk);
      carrier = await SippCarrier.start(asterisk.root);
      open.push(carrier);
      telephony = createAriTelephony({ ...asterisk.access, clock: systemClock, log });
      open.push(telephony);
      events = new EventLog(telephony);
      await telephony.connect();
      assert.equal(await telephony.putEndpoint(trunkTo(carrier.port, 'trunk-1')), true);
    });
    after(async () => {
      for (const each of open.reverse()) await each.close();
    });

    const call = async (dialled: string, trunk = 'trunk-1', callerId = '+12025550100') => {
      const channelId = randomUUID();
      const endpoint = `PJSIP/${dialled}@${trunk}`;
      await telephony.originate({ channelId, endpoint, callerId, ringTimeoutMs: 15_000 });
      return channelId;
    };
    const answered = async (dialled: string) => {
      const channelId = await call(dialled);
      await events.next('answered', { channelId });
      return channelId;
    };

    it('shows the caller ID it was given, and none when it is withheld', async () => {
      await call('+12025551105', 'trunk-1', '+12025550177');
      const withheld = await call('+12025551205', 'trunk-1', '');
      await events.next('ended', { channelId: withheld });
      const callers = Object.fromEntries(carrier.invites().map(({ dialled, caller }) => [dialled, caller]));
      assert.equal(callers['+12025551105'], '+12025550177');
      assert.match(callers['+12025551205'] ?? '', /anonymous/);
    });

    it('writes a trunk’s own headers into the INVITE as they stand, and none where there are none', async () => {
      const headers = { 'P-Attestation-Indicator': 'A', 'X-Account': 'firm, "one"; id=+12025550177' };
      const channelId = randomUUID();
      const endpoint = 'PJSIP/+12025551405@trunk-1';
      await telephony.originate({
        channelId,
        endpoint,
        callerId: '+12025550177',
        ringTimeoutMs: 15_000,
        headers,
      });
      await events.next('ended', { channelId });
      await events.next('ended', { channelId: await call('+12025551505') });
      const seen = new Map(carrier.invites().map((invite) => [invite.dialled, invite.headers]));
      assert.deepEqual(seen.get('+12025551405'), {
        attestation: 'A',
        account: 'firm, "one"; id=+12025550177',
      });
      assert.deepEqual(seen.get('+12025551505'), {});
    });

    it('shows the caller ID of a call through a trunk with credentials, and the user name where the carrier asks for it', async () => {
      const login = { username: 'firm', password: 'secret' };
      for (const [name, loginInFrom] of [
        ['trunk-5', false],
        ['trunk-6', true],
      ] as const)
        await telephony.putEndpoint({
          ...trunkTo(carrier.port, name),
          ...login,
          loginInFrom,
        } as EndpointSpec);
      await call('+12025551805', 'trunk-5', '+12025550177');
      await events.next('ended', { channelId: await call('+12025551905', 'trunk-6', '+12025550177') });
      const callers = Object.fromEntries(carrier.invites().map(({ dialled, caller }) => [dialled, caller]));
      assert.equal(callers['+12025551805'], '+12025550177');
      assert.equal(callers['+12025551905'], 'firm');
    });

    it('fetches a sound by HTTP from the product, for an Asterisk on another machine', async () => {
      const dialled = '+12025552001';
      const sound = await bytesOf(speechWav('spoken', 2000));
      const server = createServer((_request, response) => {
        const headers = { 'Content-Type': 'audio/wav', 'Cache-Control': 'max-age=86400' };
        response.writeHead(200, headers).end(sound);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push({ close: () => void server.close() });
      const publish = overHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}/media`);
      const channelId = await answered(dialled);
      const playbackId = randomUUID();
      await telephony.play({ channelId }, publish('0'.repeat(64)), playbackId);
      assert.equal((await events.next('playback-finished', { playbackId })).failed, false);
      const [heard] = carrier.heardBy(dialled);
      assert.ok(heard && heard.audibleMs > 1000, JSON.stringify(heard));
      await telephony.hangup(channelId);
    });

    it('detects machines as the campaign of the call has it', async () => {
      const listening = async (dialled: string, variables: Record<string, string>) => {
        const channelId = randomUUID();
        const endpoint = `PJSIP/${dialled}@trunk-1`;
        const callerId = '+12025550100';
        await telephony.originate({ channelId, endpoint, callerId, ringTimeoutMs: 15_000, variables });
        await events.next('answered', { channelId });
        await telephony.detectMachine(channelId);
        const { result, cause } = await events.next('amd', { channelId }, 15_000);
        await telephony.hangup(channelId);
        return { result, cause };
      };
      assert.equal((await listening('+12025552201', {})).result, 'human');
      // Whoever speaks for longer than 200 ms: their "hello" is.
      const strict = amdArguments({ ...defaultAmdSettings, greetingMs: 200 });
      const { result, cause } = await listening('+12025552301', { [amdVariable]: strict });
      assert.equal(result, 'machine');
      assert.match(cause, /^LONGGREETING-\d+-200$/);
    });

    it('lets a customer hear the identification message, and hold music', async () => {
      const dialled = '+12025551301';
      const channelId = await answered(dialled);
      const playbackId = randomUUID();
      await telephony.play({ channelId }, 'sound:ringwise/identification-zh-CN', playbackId);
      assert.equal((await events.next('playback-finished', { playbackId }, 20_000)).failed, false);
      const [message] = carrier.heardBy(dialled);
      assert.ok(message && message.audibleMs > 2000 && message.loudness > 0.02, JSON.stringify(message));
      await telephony.hold(channelId, true);
      await heardMore(carrier, dialled, message.audibleMs + 500);
      await telephony.hangup(channelId);
    });

    it('fault: a sound that is not there. It is told as failed', async () => {
      const channelId = await answered('+12025551401');
      const playbackId = randomUUID();
      await telephony.play({ channelId }, 'sound:ringwise/never-made', playbackId);
      assert.equal((await events.next('playback-finished', { playbackId })).failed, true);
      await telephony.hangup(channelId);
    });

    it('fault: a trunk answers 503 to all. Each call ends as congestion', async () => {
      const refusing = await RefusingCarrier.start(asterisk.root);
      open.push(refusing);
      await telephony.putEndpoint(trunkTo(refusing.port, 'trunk-2'));
      const channelId = await call('+12025551501', 'trunk-2');
      const { cause, dialStatus } = await events.next('ended', { channelId });
      assert.deepEqual({ cause, dialStatus }, { cause: 34, dialStatus: 'CONGESTION' });
      assert.deepEqual(
        refusing.invites().map(({ dialled }) => dialled),
        ['+12025551501'],
      );
    });

    for (const [index, [status, challenges, login]] of (
      [
        [407, true, true],
        [407, true, false],
        [401, false, true],
        [403, true, true],
        [402, false, false],
        [603, false, false],
      ] as const
    ).entries())
      it(`fault: a carrier answers ${status}${challenges ? ' to a login' : ''}${login ? '' : ', and we have none'}. The call’s end tells it`, async () => {
        const refusing = await RefusingCarrier.start(asterisk.root, status, 'No', challenges);
        open.push(refusing);
        const name = `trunk-7${index}`;
        const user = login ? 'firm' : null;
        await telephony.putEndpoint({
          ...trunkTo(refusing.port, name),
          ...{ username: user, password: user },
        } as EndpointSpec);
        const channelId = await call('+12025551501', name);
        const { cause, sipStatus } = await events.next('ended', { channelId });
        assert.deepEqual({ cause, sipStatus }, { cause: status === 402 ? 127 : 21, sipStatus: status });
      });

    it('fault: a carrier refuses above its calls per second. Those above end as congestion, the others go on', async () => {
      const gate = await RateGate.start(carrier.port, 5);
      open.push(gate);
      await telephony.putEndpoint(trunkTo(gate.port, 'trunk-3'));
      const channels = await Promise.all(
        Array.from({ length: 12 }, (_, index) => call(`+120255516${10 + index}05`, 'trunk-3')),
      );
      const ends = await Promise.all(channels.map((channelId) => events.next('ended', { channelId })));
      const count = (wanted: number) => ends.filter(({ cause }) => cause === wanted).length;
      assert.deepEqual({ busy: count(17), congestion: count(34) }, { busy: 5, congestion: 7 });
      assert.equal(gate.refused, 7);
    });

    it('calls a trunk that was changed where it is now, and no longer where it was', async () => {
      const before = await RefusingCarrier.start(asterisk.root);
      open.push(before);
      await telephony.putEndpoint(trunkTo(before.port, 'trunk-8'));
      const now = await RefusingCarrier.start(asterisk.root);
      open.push(now);
      for (const port of [now.port, now.port]) await telephony.putEndpoint(trunkTo(port, 'trunk-8'));
      for (let n = 0; n < 4; n++)
        await events.next('ended', { channelId: await call(`+1202555150${n}`, 'trunk-8') });
      assert.equal(now.invites().length, 4);
      assert.equal(before.invites().length, 0);
      const identify = await asterisk.instance.command('pjsip show identify trunk-8');
      assert.equal(identify.match(/^ *Match: 127/gm)?.length, 1, identify);
    });

    it('registers a trunk that is put at run time', async () => {
      const registrar = createSocket('udp4');
      open.push({ close: () => void registrar.close() });
      await new Promise<void>((resolve) => registrar.bind(0, '127.0.0.1', resolve));
      const request = firstPacket(registrar, 'REGISTER');
      const { port } = registrar.address() as AddressInfo;
      await telephony.putEndpoint({
        ...trunkTo(port, 'trunk-4'),
        kind: 'trunk',
        username: 'firm',
        password: 'a;b"c',
        register: true,
        loginInFrom: false,
      } as EndpointSpec);
      assert.match(await request, /^From: <sip:firm@127\.0\.0\.1/m);
      await telephony.removeEndpoint('trunk-4');
    });

    const registering = (port: number, name: string, password: string) =>
      ({
        ...trunkTo(port, name),
        ...{ username: 'firm', password, register: true },
      }) as EndpointSpec;

    it('fault: a carrier refuses our registration. It is asked again without end, whatever it said', async () => {
      // 503: gone; 401: the login; 403: the account; 404: what Asterisk takes for final.
      const asked = [503, 401, 403, 404].map(async (status, index) => {
        const registrar = await Registrar.open({ status });
        open.push(registrar);
        const name = `trunk-9${index}`;
        await telephony.putEndpoint(registering(registrar.port, name, 'secret'));
        await shortRetries(asterisk.access, name);
        const most = status === 503 ? 12 : 2;
        await eventually(() => assert.ok(registrar.said.length >= most, `${status} again`), 25_000);
        await telephony.removeEndpoint(name);
      });
      await Promise.all(asked);
    });

    it('tells that a registration is refused, and registers when the password is put right, whatever signs are in it', async () => {
      const registrar = await Registrar.open({ password: 'ri;ght\\;"' });
      open.push(registrar);
      await telephony.putEndpoint(registering(registrar.port, 'trunk-10', 'wrong'));
      await eventually(() => assert.ok(registrar.said.includes(401)));
      const state = async () => (await telephony.registrations()).get('trunk-10');
      await eventually(async () => assert.equal(await state(), 'rejected'));
      await telephony.putEndpoint(registering(registrar.port, 'trunk-10', 'ri;ght\\;"'));
      await eventually(() => assert.ok(registrar.said.includes(200)));
      await eventually(async () => assert.equal(await state(), 'registered'));
      const before = registrar.said.length;
      await telephony.putEndpoint(registering(registrar.port, 'trunk-10', 'ri;ght\\;"'));
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(registrar.said.length, before, 'what is as it was registers on');
      await telephony.removeEndpoint('trunk-10');
    });

    it('tells when an agent’s phone comes and goes', async () => {
      const endpoint = 'PJSIP/agent-4';
      await telephony.putEndpoint({ kind: 'webrtc-agent', name: 'agent-4', password: 'right' });
      const registrar = { host: '127.0.0.1', port: asterisk.sipPort };
      const intruder = await RegisteringPhone.open(registrar, 'agent-4', 'wrong');
      const phone = await RegisteringPhone.open(registrar, 'agent-4', 'right');
      open.push(intruder, phone);
      assert.equal(await intruder.register(60), 401);
      assert.equal(await phone.register(60), 200);
      await events.next('endpoint', { endpoint, online: true });
      assert.equal(await phone.register(0), 200);
      await events.next('endpoint', { endpoint, online: false });
    });

    it('passes the examination as it is configured, and leaves nothing behind', async () => {
      const findings: Finding[] = [];
      await checkAsterisk(asterisk.access, log, (finding) => findings.push(finding));
      assert.deepEqual(
        findings.filter(({ level }) => level === 'problem'),
        [],
      );
      assert.ok(findings.some(({ text }) => /a dialer is at work/.test(text)));
      assert.ok(findings.some(({ text }) => /tells whether trunks are registered/.test(text)));
      assert.deepEqual(await telephony.bridges(), []);
      assert.deepEqual(await telephony.channels(), []);
    });

    it('is asked, told of and examined by https alone where ASTERISK_URL says so; fault: nobody trusts its certificate', async function () {
      this.timeout(90_000);
      const folder = temporaryFolder('ari-tls');
      const { cert, key } = certificateIn(folder);
      const port = await freeTcpPort();
      // Asterisk reads them as the user that it runs as, within its root.
      const inside = `/tmp/ringwise-tls-${process.pid}`;
      mkdirSync(join(asterisk.root, inside), { recursive: true, mode: 0o755 });
      const [certFile, keyFile] = [cert, key].map((file) => {
        const to = join(asterisk.root, inside, basename(file));
        copyFileSync(file, to);
        chmodSync(to, 0o644);
        return `${inside}/${basename(file)}`;
      });
      const secured = await startTestAsterisk([], {
        tls: { port, certFile: certFile!, keyFile: keyFile! },
      });
      open.push(secured, { close: () => rmSync(join(asterisk.root, inside), { recursive: true }) });
      const env = {
        ...{ DATA_DIR: join(folder, 'data'), ASTERISK_URL: `https://localhost:${port}` },
        ...{ ASTERISK_USER: secured.access.user, ASTERISK_PASSWORD: secured.access.password },
      };
      const trusted = await startDoor('cli', ['asterisk', 'check'], { ...env, NODE_EXTRA_CA_CERTS: cert })
        .ended;
      assert.match(trusted.stdout, /ok {4}Events come over the WebSocket\./, trusted.stdout + trusted.stderr);
      assert.match(trusted.stdout, /ok {4}It records\./);
      const untrusted = await startDoor('cli', ['asterisk', 'check'], env).ended;
      assert.equal(untrusted.code, 1);
      assert.match(
        untrusted.stdout,
        /FAIL {2}The certificate of localhost:\d+ is not trusted .*NODE_EXTRA_CA_CERTS/,
      );
    });

    it('fault: no format of WAV files. It is told, and no address and no folder is blamed for it', async () => {
      const { instance } = asterisk;
      await instance.command('module unload format_wav.so');
      try {
        const texts: string[] = [];
        const prompts = { publicUrl: 'http://127.0.0.1:1', trial: 'http://127.0.0.1:1/prompts/trial.wav' };
        const tell = ({ level, text }: Finding) => void (level === 'ok' || texts.push(text));
        await checkAsterisk(asterisk.access, log, tell, prompts);
        const told = texts.join('\n');
        assert.match(told, /plays no message and no hold music of the product: load format_wav/);
        assert.doesNotMatch(told, /PUBLIC_URL|Whether it can fetch|It has no sound:/);
      } finally {
        await instance.command('module load format_wav.so');
      }
    });

    it('fault: what agents’ test calls need is not loaded; the message for Taiwan is gone. Each is told in words', async () => {
      const { instance } = asterisk;
      const message = join(instance.soundsFolder, 'identification-zh-TW.wav');
      const told = async () => {
        const texts: string[] = [];
        await checkAsterisk(asterisk.access, log, ({ text }) => texts.push(text));
        return texts.join('\n');
      };
      assert.doesNotMatch(await told(), /test call|It has no sound/);
      await instance.command('module unload app_echo.so');
      renameSync(message, `${message}-away`);
      try {
        const text = await told();
        assert.match(text, /^Agents cannot make a test call: load app_echo\.$/m);
        assert.match(text, /^It has no sound:ringwise\/identification-zh-TW: /m);
      } finally {
        await instance.command('module load app_echo.so');
        renameSync(`${message}-away`, message);
      }
    });

    it('fault: no AMD, no context for it, no folder for recordings, no message. Each is told in words', async () => {
      const { instance } = asterisk;
      await instance.command('module unload app_amd.so');
      await instance.command('dialplan remove context ringwise-amd');
      rmdirSync(join(instance.folder, 'spool/recording'));
      renameSync(
        join(instance.soundsFolder, 'identification-en.wav'),
        join(instance.soundsFolder, 'was-identification-en.wav'),
      );
      const told: string[] = [];
      await checkAsterisk(asterisk.access, log, ({ level, text }) => {
        if (level !== 'ok') told.push(text);
      });
      for (const wanted of [/app_amd/, /\[ringwise-amd\]/, /cannot record/, /identification-en/])
        assert.ok(
          told.some((text) => wanted.test(text)),
          `${wanted} in\n${told.join('\n')}`,
        );
      instance.prepare();
    });

    it('tells whether it can fetch campaigns’ own messages: at the product, at an address that serves none, at one that lets only this machine in (faults)', async () => {
      const sound = encodeWav(new Int16Array(2_400), 8_000);
      let refusing = false;
      const server = createServer((request, response) => {
        const isSwitch = /asterisk/i.test(request.headers['user-agent'] ?? '');
        const isWav = request.url?.startsWith('/prompts/') && !(refusing && isSwitch);
        response.writeHead(isWav ? 200 : 404, { 'content-type': 'audio/wav', etag: '"trial"' });
        response.end(isWav ? sound : '');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      open.push({ close: () => void server.close() });
      const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const told = async (prompts: { publicUrl: string; trial: string }) => {
        const texts: string[] = [];
        await checkAsterisk(
          asterisk.access,
          log,
          ({ level, text }) => texts.push(`${level} ${text}`),
          prompts,
        );
        return texts.join('\n');
      };
      const trial = () => `${publicUrl}/prompts/${randomUUID()}.wav`;
      assert.match(await told({ publicUrl, trial: trial() }), /^ok It fetches campaigns' own messages/m);
      const away = { publicUrl, trial: `${publicUrl}/nothing/${randomUUID()}.wav` };
      assert.match(await told(away), /^warning Whether it can fetch.*answers 404/m);
      refusing = true;
      const shut = await told({ publicUrl, trial: trial() });
      assert.match(shut, /^problem It cannot play campaigns' own messages/m);
    });

    it('fault: events are lost while the link stays up. A dialer finds what they would have told within seconds', async function () {
      this.timeout(120_000);
      const talks = ['+12025551912', '+12025552012'];
      const dialer = await lossyDialer(asterisk.access, carrier.port, talks);
      open.push(dialer);
      const { proxy, ask, when } = dialer;
      const took: Record<string, number> = {};
      const isOf = (type: string, prefix: string) => (event: { type: string; channel?: { id: string } }) =>
        event.type === type && event.channel?.id.startsWith(prefix) === true;
      const legOf = async (prefix: string) => {
        const found = (await telephony.channels()).find(({ channelId }) => channelId.startsWith(prefix));
        return found?.channelId ?? '';
      };
      const { seen } = await when('a talk', ({ state }) => state === 'on-call');

      let lost = proxy.lose(isOf('ChannelDestroyed', 'rw-call-'));
      await telephony.hangup(await legOf('rw-call-'));
      await lost;
      const ended = await when('its end', ({ state }) => state === 'wrapup', 10_000);
      assert.deepEqual([ended.seen.call?.outcome, ended.seen.call?.endedBy], ['answered', 'system']);
      took['end of a talk'] = ended.ms;

      const { id: dispositionId } = await dialer.app.db.knex('dispositions').where({ code: 'refused' }).first(); // prettier-ignore
      lost = proxy.lose(isOf('StasisStart', 'rw-call-'));
      await ask('agent.dispose', { callId: seen.call!.id, dispositionId, note: '', next: 'ready' });
      await lost;
      const again = await when('the next talk', ({ state }) => state === 'on-call', 10_000);
      assert.notEqual(again.seen.call?.id, seen.call?.id);
      took['answer'] = again.ms;

      lost = proxy.lose(isOf('ChannelDestroyed', 'rw-agent-'));
      const leg = await legOf('rw-agent-');
      await telephony.hangup(leg);
      await lost;
      const gone = await when('the phone is lost', ({ phone }) => phone !== 'up', 10_000);
      took['agent’s leg'] = gone.ms;
      const back = await when('they talk again', ({ call }) => call?.state === 'connected', 20_000);
      assert.equal(back.seen.call?.id, again.seen.call?.id);
      assert.notEqual(await legOf('rw-agent-'), leg);
      console.log(`      ${JSON.stringify(took)} ms`);
    });

    it('fault: Asterisk may not write its recordings; the sound of hold music is gone. Each is told in words', async () => {
      const { instance } = asterisk;
      const recordings = join(instance.folder, 'spool/recording');
      const music = join(instance.soundsFolder, 'hold-music');
      const told = async () => {
        const texts: string[] = [];
        await checkAsterisk(asterisk.access, log, ({ level, text }) => {
          if (level !== 'ok') texts.push(text);
        });
        return texts.join('\n');
      };
      chownSync(recordings, 0, 0);
      chmodSync(recordings, 0o755);
      assert.match(await told(), /left no file/);
      instance.own();
      renameSync(music, `${music}-away`);
      await instance.command('module unload res_musiconhold.so');
      await instance.command('module load res_musiconhold.so');
      assert.match(await told(), /hear nothing/);
      renameSync(`${music}-away`, music);
      await instance.command('module unload res_musiconhold.so');
      await instance.command('module load res_musiconhold.so');
      assert.doesNotMatch(await told(), /hear nothing|left no file/);
    });

    it('fault: Asterisk is killed in the middle of a call. It comes back with the trunks it was given', async () => {
      await answered('+12025551701');
      events.clear();
      await asterisk.instance.kill();
      await events.next('down');
      await asterisk.instance.start();
      await events.next('up', {}, 15_000);
      assert.deepEqual(await telephony.channels(), []);
      await trunkIsBack(telephony);
      await answered('+12025551801');
    });
  });
});

/** A test cannot wait for half minutes: the registration is made with shorter times between tries, and else as it is. */
async function shortRetries(access: AriAccess, id: string): Promise<void> {
  const path = `/asterisk/config/dynamic/res_pjsip/registration/${id}`;
  const fields = await ariJson<{ attribute: string; value: string }[]>(access, { path, timeoutMs: 5000 });
  for (const field of fields)
    if (field.attribute.endsWith('retry_interval') && field.value !== '0') field.value = '1';
  const given = fields.filter(({ value }) => value !== '' && value !== '0');
  await ariJson(access, { method: 'DELETE', path, timeoutMs: 5000 });
  await ariJson(access, { method: 'PUT', path, body: { fields: given }, timeoutMs: 5000 });
}

/** Resolves when the customer has heard at least so much. */
async function heardMore(carrier: SippCarrier, dialled: string, audibleMs: number): Promise<void> {
  while ((carrier.heardBy(dialled)[0]?.audibleMs ?? 0) < audibleMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Endpoints are put again behind `up`. */
async function trunkIsBack(telephony: Telephony): Promise<void> {
  while (!(await telephony.endpoints()).some(({ endpoint }) => endpoint === 'PJSIP/trunk-1'))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

function firstPacket(socket: Socket, method: string): Promise<string> {
  return new Promise((resolve) =>
    socket.on('message', (packet) => {
      const text = packet.toString('utf8');
      if (text.startsWith(method)) resolve(text);
    }),
  );
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts);
}
