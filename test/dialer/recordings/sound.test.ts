import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { createMp3Encoder, NoSound } from '../../../dialer/recordings/sound/mp3.ts';
import { peaksOf, peaksPath } from '../../../dialer/recordings/sound/peaks.ts';
import { openWav } from '../../../dialer/recordings/sound/wav-file.ts';
import { encodeWav } from '../../../dialer/telephony/audio/wav.ts';
import { temporaryFolder } from '../../support/servers.ts';

const rate = 8_000;

/** A tone that is silent in its second half. */
function halfSilent(seconds: number): Buffer {
  const samples = new Int16Array(seconds * rate);
  for (let i = 0; i < samples.length / 2; i++) samples[i] = Math.round(20_000 * Math.sin(i / 3));
  return encodeWav(samples, rate);
}

function fileOf(content: Buffer): string {
  const file = join(temporaryFolder('sound'), 'talk.wav');
  writeFileSync(file, content);
  return file;
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Frames of MPEG 2.5 layer III at 8 kHz: 576 samples each. */
function framesOf(mp3: Buffer): number {
  const kilobits = [0, 8, 16, 24, 32, 40, 48, 56, 64];
  let frames = 0;
  for (let at = 0; at + 4 <= mp3.length; frames++) {
    assert.equal(mp3.readUInt16BE(at) & 0xfffe, 0xffe2, `a frame begins at ${at}`);
    const padding = (mp3[at + 2]! >> 1) & 1;
    at += (72 * kilobits[mp3[at + 2]! >> 4]! * 1_000) / rate + padding;
  }
  return frames;
}

describe('the sound of a recording', () => {
  it('is drawn from its loudest samples, measured once and kept beside it', async () => {
    const file = fileOf(halfSilent(20));
    const peaks = (await peaksOf(file))!;
    assert.equal(peaks.length, 1_600);
    assert.equal(Math.max(...peaks.subarray(0, 799)), Math.round((20_000 * 255) / 32_768));
    assert.equal(Math.max(...peaks.subarray(801)), 0);
    assert.equal(statSync(peaksPath(file)).size, 1_600);
    writeFileSync(file, 'gone');
    assert.deepEqual(Uint8Array.from((await peaksOf(file))!), Uint8Array.from(peaks), 'not measured again');
  });

  it('fault: nothing can be written beside it – it is drawn all the same', async () => {
    const folder = join(temporaryFolder('sound'), 'full');
    mkdirSync(folder);
    const file = join(folder, 'talk.wav');
    writeFileSync(file, halfSilent(1));
    // A folder in its place: also the superuser, whom no mode stops, cannot put a file there.
    mkdirSync(peaksPath(file));
    chmodSync(folder, 0o500);
    assert.equal((await peaksOf(file))?.length, 1_600);
    chmodSync(folder, 0o700);
  });

  it('fault: the file is no sound, or its writer was stopped before it put the lengths in', async () => {
    assert.equal(await peaksOf(fileOf(Buffer.from('no sound at all'))), null);
    const cut = halfSilent(2);
    cut.writeUInt32LE(0, 40);
    const wav = (await openWav(fileOf(cut)))!;
    assert.equal(wav.durationMs, 2_000);
    await wav.close();
  });

  it('becomes MP3 of the same length, a ninth in size, while the process goes on with its work', async function () {
    this.timeout(120_000);
    const file = fileOf(halfSilent(60));
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const mp3 = await whole(createMp3Encoder().encode(file)).finally(() => clearInterval(timer));
    const seconds = (framesOf(mp3) * 576) / rate;
    assert.ok(Math.abs(seconds - 60) < 0.4, `${seconds} s`);
    assert.ok(mp3.length * 5 < readFileSync(file).length);
    assert.ok(turns > 3, `the process came to ${turns} turns meanwhile`);
  });

  it('fault: who downloads leaves in the middle – the next three are served', async function () {
    this.timeout(120_000);
    const encoder = createMp3Encoder();
    const file = fileOf(halfSilent(120));
    for (let left = 0; left < 3; left++) {
      for await (const part of encoder.encode(file) as AsyncIterable<Buffer>) {
        assert.ok(part.length > 0);
        break;
      }
    }
    const short = fileOf(halfSilent(2));
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => whole(encoder.encode(short))));
    assert.ok(one!.length > 0 && one!.equals(two!) && two!.equals(three!));
  });

  it('fault: there is no sound in it, or it is gone – said at once', async function () {
    this.timeout(60_000);
    const encoder = createMp3Encoder();
    await assert.rejects(whole(encoder.encode(fileOf(Buffer.from('no sound')))), NoSound);
    const gone = fileOf(halfSilent(1));
    rmSync(gone);
    assert.ok(!existsSync(gone));
    await assert.rejects(whole(encoder.encode(gone)));
  });
});
