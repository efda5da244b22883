import WaveSurfer from 'wavesurfer.js';
import { formatDuration } from '../../../core/i18n/duration.ts';
import type { Gap } from '../../../dialer/recordings/recording.ts';
import { need } from './dom.ts';
import { send } from './http.ts';
import { say } from './words.ts';

interface Peaks {
  seconds: number;
  peaks: number[];
  gaps: Gap[];
}

export interface Player {
  /** `url` is that of a recording: its sound is below. Rejects when there is none. */
  load(url: string, play: boolean): Promise<void>;
  stop(): void;
  /** Where it is, in milliseconds. */
  at(): number;
  /** Goes there and plays. */
  playFrom(ms: number): void;
  /** Shows on the wave what was said of moments. */
  showRemarks(remarks: readonly Remark[]): void;
}

export interface Remark {
  readonly atMs: number;
  readonly text: string;
}

const skipSeconds = 10;
/** As the list shows it. */
const shown = (seconds: number) => formatDuration(Math.round(seconds * 1000));

/**
 * The wave form comes from the server, and the sound as it is listened to: no browser reads an hour of it first. Buttons
 * and keys work on the one player of `root`.
 */
export function createPlayer(root: HTMLElement): Player {
  const toggle = need<HTMLButtonElement>('[data-toggle-play]', root);
  const speed = need<HTMLSelectElement>('[data-speed]', root);
  let wave: WaveSurfer | null = null;
  let wanted = 0;
  let lengthMs = 0;
  let remarks: readonly Remark[] = [];

  function showPlaying(playing: boolean): void {
    root.classList.toggle('is-paused', !playing);
    toggle.setAttribute('aria-label', say(playing ? 'pause' : 'play'));
  }
  const skip = (seconds: number) => wave?.setTime(Math.max(0, Math.min(wave.getDuration(), wave.getCurrentTime() + seconds))); // prettier-ignore

  root.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const skipped = target.closest<HTMLElement>('[data-skip]');
    if (skipped) skip(Number(skipped.dataset.skip));
    else if (target.closest('[data-toggle-play]')) void wave?.playPause();
  });
  speed.addEventListener('change', () => wave?.setPlaybackRate(Number(speed.value), true));
  document.addEventListener('keydown', (event) => {
    if (!wave || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest('input, select, textarea, dialog, [role="dialog"]')) return;
    // What the key presses there comes first.
    if (event.key === ' ' && target.closest('button, a, summary')) return;
    const actions: Record<string, () => void> = {
      ' ': () => void wave?.playPause(),
      k: () => void wave?.playPause(),
      ArrowLeft: () => skip(-skipSeconds),
      ArrowRight: () => skip(skipSeconds),
      Home: () => wave?.setTime(0),
      '<': () => step(-1),
      '>': () => step(1),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  function step(by: number): void {
    const next = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by));
    speed.selectedIndex = next;
    speed.dispatchEvent(new Event('change'));
  }

  return {
    async load(url, play) {
      const turn = ++wanted;
      wave?.destroy();
      wave = null;
      const { seconds, peaks, gaps } = await send<Peaks>('GET', `${url}/peaks`, undefined, {
        patienceMs: 60_000,
      });
      if (turn !== wanted) return;
      const loudest = Math.max(1, ...peaks);
      const made = WaveSurfer.create({
        container: need('[data-wave]', root),
        height: Number(root.dataset.waveHeight ?? 44),
        waveColor: getComputedStyle(need('.recording-clock', root)).color,
        progressColor: getComputedStyle(toggle).backgroundColor,
        cspNonce: document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce,
        // Who only looks at the page does not listen: nothing is asked for before it is played.
        media: Object.assign(new Audio(), { preload: 'none' }),
      });
      wave = made;
      made.on('play', () => showPlaying(true));
      made.on('pause', () => showPlaying(false));
      made.on('timeupdate', (at) => (need('[data-at]', root).textContent = shown(at)));
      need('[data-length]', root).textContent = shown(seconds);
      await made.load(`${url}/audio`, [peaks.map((height) => height / loudest)], seconds);
      lengthMs = seconds * 1000;
      mark(need('[data-wave]', root), gaps, lengthMs);
      markRemarks(need('[data-wave]', root), remarks, lengthMs);
      made.setPlaybackRate(Number(speed.value), true);
      if (play) await made.play();
    },
    stop() {
      wanted++;
      wave?.destroy();
      wave = null;
      showPlaying(false);
    },
    at: () => Math.round((wave?.getCurrentTime() ?? 0) * 1000),
    playFrom(ms) {
      wave?.setTime(ms / 1000);
      void wave?.play();
    },
    showRemarks(given) {
      remarks = given;
      markRemarks(need('[data-wave]', root), remarks, lengthMs);
    },
  };
}

function markRemarks(wave: HTMLElement, remarks: readonly Remark[], lengthMs: number): void {
  for (const old of wave.querySelectorAll('.recording-remark')) old.remove();
  for (const { atMs, text } of lengthMs > 0 ? remarks : []) {
    const remark = document.createElement('span');
    remark.className = 'recording-remark';
    remark.style.insetInlineStart = `${Math.min(100, (100 * atMs) / lengthMs)}%`;
    remark.title = `${shown(atMs / 1000)} ${text}`;
    remark.setAttribute('role', 'img');
    remark.setAttribute('aria-label', remark.title);
    wave.append(remark);
  }
}

/** Shows on the wave where nothing was recorded: the file goes on without it. */
function mark(wave: HTMLElement, gaps: readonly Gap[], lengthMs: number): void {
  for (const old of wave.querySelectorAll('.recording-gap')) old.remove();
  for (const { atMs, ms, cause } of lengthMs > 0 ? gaps : []) {
    const gap = document.createElement('span');
    gap.className = 'recording-gap';
    gap.dataset.cause = cause;
    gap.style.insetInlineStart = `${Math.min(100, (100 * atMs) / lengthMs)}%`;
    gap.title = say(`gap.${cause}`, { at: shown(atMs / 1000), time: shown(ms / 1000) });
    gap.setAttribute('role', 'img');
    gap.setAttribute('aria-label', gap.title);
    wave.append(gap);
  }
}
