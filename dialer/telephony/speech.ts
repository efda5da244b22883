import { spawn } from 'node:child_process';
import { encodeWav, readWav, resample } from './audio/wav.ts';

/** Turns words into sound. A better voice takes the place of the one here by this interface. */
export interface Speech {
  /** A WAV file of 8 kHz, mono, 16 bits. @throws SpeechError */
  speak(text: string, language: string): Promise<Buffer>;
}

export class SpeechError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SpeechError';
  }
}

const outputRate = 8000;
const longestMs = 30_000;

/** espeak-ng's voices by language tag, the more special tag first. Its Chinese is slow where its English is not. */
const voices: Readonly<Record<string, { voice: string; speed: number }>> = {
  'zh-HK': { voice: 'yue', speed: 230 },
  'zh-yue': { voice: 'yue', speed: 230 },
  zh: { voice: 'cmn', speed: 230 },
  en: { voice: 'en-us', speed: 150 },
};

/** Debian's espeak-ng: plain, but it speaks a hundred languages and needs no network. */
export function espeak(command = 'espeak-ng'): Speech {
  return {
    async speak(text, language) {
      const file = await render(command, voiceFor(language), text);
      const { samples, sampleRate } = readWav(file);
      return encodeWav(resample(samples, sampleRate, outputRate), outputRate);
    },
  };
}

/** `zh-TW` → Mandarin, `pt-BR` → `pt-br`, as espeak-ng names it. */
function voiceFor(language: string): { voice: string; speed: number } {
  const [base = 'en'] = language.split('-');
  return voices[language] ?? voices[base] ?? { voice: language.toLowerCase(), speed: 150 };
}

function render(
  command: string,
  { voice, speed }: { voice: string; speed: number },
  text: string,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ['-v', voice, '-s', String(speed), '--stdin', '--stdout'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), longestMs);
    const sound: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (part: Buffer) => sound.push(part));
    child.stderr.on('data', (part: Buffer) => (complaint += part.toString('utf8')));
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const missing = error.code === 'ENOENT';
      reject(
        new SpeechError(
          missing
            ? `${command} is not installed: apt-get install espeak-ng, or give a sound file instead.`
            : error.message,
        ),
      );
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      if (code === 0 && sound.length > 0) resolve(Buffer.concat(sound));
      else
        reject(new SpeechError(`${command} could not speak with the voice "${voice}": ${complaint.trim()}`));
    });
    // Text that is no longer wanted is no fault of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
}
