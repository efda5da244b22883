import { dashboardChart } from '../dashboard/chart.ts';
import { render } from '../dashboard/render.ts';
import type { LiveView, Words } from '../dashboard/view.ts';

const root = document.getElementById('dashboard')!;
const read = <T>(id: string) => JSON.parse(document.getElementById(id)!.textContent!) as T;
const words = read<Words>('dashboard-words');
const locale = root.dataset.locale!;
let view = read<LiveView>('dashboard-view');
/** Server clock minus this machine's clock, so that durations are right on a machine whose clock is not. */
let skew = view.at - Date.now();

const chart = dashboardChart(
  document.getElementById('chart-today') as HTMLCanvasElement,
  view,
  words,
  locale,
);
const draw = () => render(root, view, words, locale, Date.now() + skew);
draw();
setInterval(draw, 1_000);

const status = root.querySelector<HTMLElement>('[data-bind="live-status"]')!;
const dot = root.querySelector('.status-dot')!;
const said = (text: string, ok: boolean) => {
  if (status.textContent !== text) status.textContent = text;
  dot.className = `status-dot ${ok ? 'status-dot-animated bg-green' : 'bg-red'}`;
};

const stream = new EventSource(`/campaigns/${root.dataset.campaign}/dashboard/events`);
stream.addEventListener('open', () => said(words.live, true));
stream.addEventListener('error', () => said(words.reconnecting, false));
stream.addEventListener('live', (event) => {
  view = JSON.parse((event as MessageEvent<string>).data) as LiveView;
  skew = view.at - Date.now();
  said(words.live, true);
  chart.update(view);
  draw();
});
addEventListener('pagehide', () => stream.close());
// Back out of the browser's page cache the stream is closed: the page is read anew.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
