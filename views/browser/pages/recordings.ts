import { need } from '../shared/dom.ts';
import { createPlayer } from '../shared/player.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';

const bar = need('#recording-player');
const player = createPlayer(bar);

document.addEventListener('click', (event) => {
  const target = event.target as HTMLElement;
  const play = target.closest<HTMLElement>('[data-play]');
  if (play) void listen(play.dataset.play ?? '', play.dataset.title ?? '');
  else if (target.closest('[data-close-player]')) close();
});

async function listen(url: string, about: string): Promise<void> {
  bar.hidden = false;
  need('[data-about]', bar).textContent = about;
  try {
    await player.load(url, true);
    need('[data-toggle-play]', bar).focus();
  } catch (error) {
    if ((error as Error).name === 'AbortError') return;
    toast('danger', say('failed'));
    close();
  }
}

function close(): void {
  player.stop();
  bar.hidden = true;
}
