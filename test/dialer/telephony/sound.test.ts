import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { holdMusic } from '../../../dialer/telephony/audio/hold-music.ts';
import { speechWav } from '../../../dialer/telephony/audio/synthetic-speech.ts';
import { encodeWav, loudness, readWav, resample } from '../../../dialer/telephony/audio/wav.ts';
import { espeak, SpeechError } from '../../../dialer/telephony/speech.ts';
import { createSpokenSounds, overHttp } from '../../../dialer/telephony/spoken-sounds.ts';
import { decodeMuLaw, encodeMuLaw } from '../../support/sipp/sound.ts';
import { skip } from '../../support/skip.ts';

const tone = Int16Array.from({ length: 16_000 }, (_, i) => Math.round(8000 * Math.sin(i / 8)));

describe('sound', () => {
  it('writes WAV files that it can read', () => {
    const { samples, sampleRate, channels } = readWav(encodeWav(tone, 16_000));
    assert.deepEqual({ sampleRate, channels }, { sampleRate: 16_000, channels: 1 });
    assert.deepEqual(samples, tone);
  });

  it('reads a file whose writer never came to put its length in', () => {
    const file = encodeWav(tone, 8000);
    file.writeUInt32LE(0, 40);
    assert.equal(readWav(file).samples.length, tone.length);
  });

  it('refuses what is no WAV file, in words', () => {
    assert.throws(() => readWav(Buffer.from('no sound at all, only words')), /no WAV file/);
    assert.throws(() => readWav(encodeWav(tone, 8000).subarray(0, 36)), /no sound in it/);
  });

  it('keeps a tone when the rate is halved', () => {
    const halved = resample(tone, 16_000, 8000);
    assert.equal(halved.length, 8000);
    assert.ok(Math.abs(loudness(halved) / loudness(tone) - 1) < 0.02);
  });

  it('invents talk of the length asked for, the same for the same name', async () => {
    const one = await bytes(speechWav('call-1', 2500));
    assert.equal(readWav(one).samples.length, 20_000);
    assert.ok(loudness(readWav(one).samples) > 0.05);
    assert.deepEqual(await bytes(speechWav('call-1', 2500)), one);
    assert.notDeepEqual(await bytes(speechWav('call-2', 2500)), one);
    assert.equal(readWav(await bytes(speechWav('empty', 0))).samples.length, 0);
  });

  it('plays hold music without a break or a crack', () => {
    const { samples } = readWav(holdMusic());
    assert.ok(samples.length > 8000 * 30);
    for (let at = 0; at + 8000 <= samples.length; at += 8000)
      assert.ok(loudness(samples.subarray(at, at + 8000)) > 0.01, `second ${at / 8000} is silent`);
    assert.ok(samples.every((sample) => Math.abs(sample) < 32_000));
  });

  it('loses little by μ-law', () => {
    for (const sample of [0, 1, -1, 100, -1000, 8000, -32_000, 32_767])
      assert.ok(Math.abs(decodeMuLaw(encodeMuLaw(sample)) - sample) <= Math.max(8, Math.abs(sample) * 0.04));
  });
});

describe('speech', function () {
  this.timeout(20_000);
  const folder = mkdtempSync(join(tmpdir(), 'ringwise-speech-'));
  after(() => rmSync(folder, { recursive: true }));

  it('fault: no espeak-ng. Says what to install', async () => {
    await assert.rejects(espeak('/nowhere/espeak-ng').speak('Hello', 'en'), (error: unknown) => {
      assert.ok(error instanceof SpeechError);
      assert.match(error.message, /apt-get install espeak-ng/);
      return true;
    });
  });

  it('speaks words once, also when asked twice at a time, and again after a fault', async () => {
    let spoken = 0;
    let broken = true;
    const speech = {
      async speak() {
        spoken++;
        if (broken) throw new SpeechError('no voice today');
        return encodeWav(tone, 8000);
      },
    };
    const sounds = createSpokenSounds(speech, folder, (name) => `sound:ringwise/spoken/${name}`);
    await assert.rejects(sounds.mediaFor('Hello', 'en'), /no voice today/);
    broken = false;
    const [one, two] = await Promise.all([sounds.mediaFor('Hello', 'en'), sounds.mediaFor('Hello', 'en')]);
    assert.equal(one, two);
    assert.equal(await sounds.mediaFor('Hello', 'en'), one);
    assert.notEqual(await sounds.mediaFor('Hello', 'en-GB'), one);
    assert.equal(spoken, 3);
    assert.equal(readdirSync(folder).length, 2);
    assert.match(
      overHttp('http://dialer.example/media/')('a'.repeat(64)),
      /^sound:http:\/\/dialer\.example\/media\/a{64}\.wav$/,
    );
  });

  describe('with espeak-ng', () => {
    before(function () {
      try {
        execFileSync('espeak-ng', ['--version']);
      } catch {
        skip(this, 'espeak-ng is not installed');
      }
    });

    for (const [text, language] of [
      ['Good morning.', 'en'],
      ['您好，再见。', 'zh-CN'],
      ['您好，再見。', 'zh-HK'],
    ] as const)
      it(`speaks ${language} as 8 kHz mono`, async () => {
        const { samples, sampleRate, channels } = readWav(await espeak().speak(text, language));
        assert.deepEqual({ sampleRate, channels }, { sampleRate: 8000, channels: 1 });
        assert.ok(samples.length > 4000 && loudness(samples) > 0.02);
      });

    it('fault: a language that it does not speak. Says so', async () => {
      await assert.rejects(espeak().speak('?', 'xx-none'), SpeechError);
    });
  });
});

async function bytes(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Buffer));
  return Buffer.concat(parts);
}
