import WaveSurfer from 'wavesurfer.js';
import { formatDuration } from '../../../core/i18n/duration.ts';
import { need } from '../shared/dom.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';

const bar = need('#recording-player');
const toggle = need<HTMLButtonElement>('[data-toggle-play]', bar);
/** As the list shows it. */
const shown = (seconds: number) => formatDuration(Math.round(seconds * 1000));
let player: WaveSurfer | null = null;

document.addEventListener('click', (event) => {
  const target = event.target as HTMLElement;
  const play = target.closest<HTMLElement>('[data-play]');
  if (play) void listen(play.dataset.play ?? '', play.dataset.title ?? '');
  else if (target.closest('[data-toggle-play]')) void player?.playPause();
  else if (target.closest('[data-close-player]')) close();
});

need<HTMLSelectElement>('[data-speed]', bar).addEventListener('change', (event) =>
  player?.setPlaybackRate(Number((event.target as HTMLSelectElement).value), true),
);

async function listen(url: string, about: string): Promise<void> {
  player?.destroy();
  bar.hidden = false;
  need('[data-about]', bar).textContent = about;
  const wave = WaveSurfer.create({
    container: need('[data-wave]', bar),
    height: 44,
    waveColor: getComputedStyle(need('.recording-clock', bar)).color,
    progressColor: getComputedStyle(toggle).backgroundColor,
    cspNonce: document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce,
  });
  player = wave;
  wave.on('play', () => showPlaying(true));
  wave.on('pause', () => showPlaying(false));
  wave.on('timeupdate', (seconds) => (need('[data-at]', bar).textContent = shown(seconds)));
  wave.on('ready', (seconds) => (need('[data-length]', bar).textContent = shown(seconds)));
  try {
    await wave.load(url);
    wave.setPlaybackRate(Number(need<HTMLSelectElement>('[data-speed]', bar).value), true);
    await wave.play();
    toggle.focus();
  } catch (error) {
    if (player !== wave || (error as Error).name === 'AbortError') return;
    toast('danger', say('failed'));
    close();
  }
}

function close(): void {
  player?.destroy();
  player = null;
  bar.hidden = true;
}

function showPlaying(playing: boolean): void {
  bar.classList.toggle('is-paused', !playing);
  toggle.setAttribute('aria-label', say(playing ? 'pause' : 'play'));
}
