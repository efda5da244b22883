import WaveSurfer from 'wavesurfer.js';
import { formatDuration } from '../../../core/i18n/duration.ts';
import type { Gap } from '../../../dialer/recordings/recording.ts';
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
  if (play) void listen(play.dataset);
  else if (target.closest('[data-toggle-play]')) void player?.playPause();
  else if (target.closest('[data-close-player]')) close();
});

need<HTMLSelectElement>('[data-speed]', bar).addEventListener('change', (event) =>
  player?.setPlaybackRate(Number((event.target as HTMLSelectElement).value), true),
);

async function listen({ play: url = '', title: about = '', gaps = '[]' }: DOMStringMap): Promise<void> {
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
  wave.on('ready', (seconds) => {
    need('[data-length]', bar).textContent = shown(seconds);
    mark(JSON.parse(gaps) as Gap[], seconds * 1000);
  });
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

/** Shows on the wave where nothing was recorded: the file goes on without it. */
function mark(gaps: readonly Gap[], lengthMs: number): void {
  const wave = need('[data-wave]', bar);
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

function close(): void {
  player?.destroy();
  player = null;
  bar.hidden = true;
}

function showPlaying(playing: boolean): void {
  bar.classList.toggle('is-paused', !playing);
  toggle.setAttribute('aria-label', say(playing ? 'pause' : 'play'));
}
