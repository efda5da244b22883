import { dashboardChart } from '../dashboard/chart.ts';
import { budgetChart, hindsightChart } from '../dashboard/pacing-charts.ts';
import { render } from '../dashboard/render.ts';
import type { LiveView } from '../dashboard/view.ts';
import { need, pageData } from '../shared/dom.ts';
import { live } from '../shared/live.ts';

const root = need('#dashboard');
let view = pageData<LiveView>()!;
/** Server clock minus this machine's clock, so that durations are right on a machine whose clock is not. */
let skew = view.sentAt - Date.now();

const chart = dashboardChart(need<HTMLCanvasElement>('#chart-today'), view);
const pacingCharts = [
  budgetChart(need<HTMLCanvasElement>('#chart-budget'), view),
  hindsightChart(need<HTMLCanvasElement>('#chart-hindsight'), view),
];
const draw = () => render(root, view, Date.now() + skew);
draw();
setInterval(draw, 1_000);

live(`/campaigns/${root.dataset.campaign}/dashboard/events`).on<LiveView>('live', (next) => {
  view = next;
  skew = view.sentAt - Date.now();
  chart.update(view);
  for (const pacing of pacingCharts) pacing.update(view);
  draw();
});
// Nobody touches a wall: what it asks for by itself is the use that its session lives on.
if (root.classList.contains('dashboard-wall'))
  setInterval(() => void fetch(location.href).catch(() => undefined), 3_600_000);
// Back out of the browser's page cache the stream is closed: the page is read anew.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
