import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { chartColour, onThemeChange, type ChartColour } from '../shared/chart-colours.ts';
import { localClock } from '../shared/local-clock.ts';
import { say } from '../shared/words.ts';
import { endLabels, fontSize } from './end-labels.ts';
import type { LiveView } from './view.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

const spanMs = 5 * 60_000;
const colours: readonly ChartColour[] = ['grey', 'blue', 'orange'];
Chart.defaults.font.size = fontSize;

/** Today by five minutes: attempts as bars, live answers and abandoned ones as lines with their names at their ends. */
export function dashboardChart(canvas: HTMLCanvasElement, first: LiveView) {
  const empty = canvas.parentElement!.querySelector<HTMLElement>('[data-bind="today-empty"]');
  const ink = () => getComputedStyle(canvas).color;
  const chart = new Chart<'bar' | 'line', number[], string>(canvas, {
    data: {
      labels: [],
      datasets: [
        {
          type: 'bar',
          label: say('attempts'),
          data: [],
          backgroundColor: () => `${chartColour('grey')}80`,
          order: 3,
          yAxisID: 'y',
        },
        line(say('connected'), 'blue'),
        line(say('abandoned'), 'orange'),
      ],
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 24, color: ink } },
        y: { beginAtZero: true, ticks: { precision: 0, color: ink }, grid: { color: '#88888833' } },
      },
    },
    plugins: [
      endLabels(
        (['attempts', 'connected', 'abandoned'] as const).map((name, index) => ({
          label: say(name),
          colour: () => chartColour(colours[index]!),
        })),
      ),
    ],
  });

  let { offsets } = first.campaign;
  const time = localClock(document.documentElement.lang, () => offsets);
  const update = (view: LiveView) => {
    ({ offsets } = view.campaign);
    const points = withEmptySpans(view);
    chart.data.labels = points.map((point) => time(point.at));
    chart.data.datasets[0]!.data = points.map((point) => point.attempts);
    chart.data.datasets[1]!.data = points.map((point) => point.connected);
    chart.data.datasets[2]!.data = points.map((point) => point.abandoned);
    if (empty) empty.hidden = points.length > 0;
    chart.update();
  };
  update(first);
  onThemeChange(() => chart.update());
  return { update };
}

function line(label: string, colour: ChartColour) {
  return {
    type: 'line' as const,
    label,
    data: [] as number[],
    borderColor: () => chartColour(colour),
    backgroundColor: () => chartColour(colour),
    borderWidth: 2,
    pointRadius: 0,
    pointHitRadius: 8,
    tension: 0,
    order: 1,
    yAxisID: 'y',
  };
}

/** An hour is drawn also when the first call has only just been made. */
const leastSpans = 12;

/** From the first call to the last span, with a zero where nothing happened. */
function withEmptySpans(view: LiveView) {
  const { series } = view;
  const first = series[0];
  if (!first) return [];
  const byTime = new Map(series.map((point) => [point.at, point]));
  const last = Math.max(series[series.length - 1]!.at, Math.floor(view.at / spanMs) * spanMs);
  const points = [];
  const from = Math.min(first.at, last - (leastSpans - 1) * spanMs);
  for (let at = from; at <= last; at += spanMs)
    points.push(byTime.get(at) ?? { at, attempts: 0, connected: 0, abandoned: 0 });
  return points;
}
