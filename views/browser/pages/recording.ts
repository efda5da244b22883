import { createPlayer } from '../shared/player.ts';
import { reviewPanel } from '../shared/review-panel.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';

const root = document.querySelector<HTMLElement>('[data-player]');
const player = root && createPlayer(root);
reviewPanel(player);
player?.load(root?.dataset.player ?? '', false).catch(() => toast('danger', say('failed')));
