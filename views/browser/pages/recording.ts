import { createPlayer } from '../shared/player.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';

const root = document.querySelector<HTMLElement>('[data-player]');
if (root)
  createPlayer(root)
    .load(root.dataset.player ?? '', false)
    .catch(() => toast('danger', say('failed')));
