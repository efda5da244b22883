import {
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
import { endLabels } from './end-labels.ts';
import type { LiveView } from './view.ts';

Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);

interface Line {
  label: string;
  colour: ChartColour;
  /** What was expected or allowed, beside what happened. */
  dashed: boolean;
}
interface Drawn {
  at: number[];
  values: number[][];
}

/** Abandoned calls in the window against what the cap allows. */
export function budgetChart(canvas: HTMLCanvasElement, first: LiveView) {
  const lines: Line[] = [
    { label: say('allowed'), colour: 'blue', dashed: true },
    { label: say('spent'), colour: 'orange', dashed: false },
  ];
  return lineChart(canvas, first, lines, ({ budget }) => ({
    at: budget.map(({ at }) => at),
    values: [budget.map(({ allowed }) => allowed), budget.map(({ abandoned }) => abandoned)],
  }));
}

/** What the dialer expected while lines rang, and what came true. */
export function hindsightChart(canvas: HTMLCanvasElement, first: LiveView) {
  const lines: Line[] = [
    { label: say('answersForecast'), colour: 'orange', dashed: true },
    { label: say('answersActual'), colour: 'orange', dashed: false },
    { label: say('freeForecast'), colour: 'green', dashed: true },
    { label: say('freeActual'), colour: 'green', dashed: false },
  ];
  return lineChart(canvas, first, lines, ({ hindsight }) => ({
    at: hindsight.map(({ at }) => at),
    values: [
      hindsight.map(({ answersForecast }) => answersForecast),
      hindsight.map(({ answersActual }) => answersActual),
      hindsight.map(({ freeForecast }) => freeForecast),
      hindsight.map(({ freeActual }) => freeActual),
    ],
  }));
}

function lineChart(
  canvas: HTMLCanvasElement,
  first: LiveView,
  lines: readonly Line[],
  drawn: (view: LiveView) => Drawn,
) {
  const empty = canvas.parentElement!.querySelector<HTMLElement>('.dashboard-chart-empty');
  const ink = () => getComputedStyle(canvas).color;
  let { offsets } = first.campaign;
  const time = localClock(document.documentElement.lang, () => offsets);
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const chart = new Chart<'line', number[], string>(canvas, {
    type: 'line',
    data: {
      labels: [],
      datasets: lines.map(({ label, colour, dashed }) => ({
        label,
        data: [],
        borderColor: () => chartColour(colour),
        backgroundColor: () => chartColour(colour),
        borderWidth: 2,
        borderDash: dashed ? [5, 4] : [],
        pointRadius: ({ chart: { data } }) => (data.labels!.length < 3 ? 3 : 0),
        pointHitRadius: 8,
      })),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      plugins: {
        tooltip: {
          callbacks: { label: ({ dataset, parsed }) => `${dataset.label}: ${number.format(parsed.y ?? 0)}` },
        },
      },
      scales: {
        x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 24, color: ink } },
        y: { beginAtZero: true, ticks: { color: ink, maxTicksLimit: 6 }, grid: { color: '#88888833' } },
      },
    },
    plugins: [endLabels(lines.map(({ label, colour }) => ({ label, colour: () => chartColour(colour) })))],
  });
  let shown = '';
  const update = (view: LiveView) => {
    ({ offsets } = view.campaign);
    const { at, values } = drawn(view);
    const labels = at.map((moment) => time(moment));
    const text = JSON.stringify([labels, values]);
    if (text === shown) return;
    shown = text;
    chart.data.labels = labels;
    values.forEach((line, index) => (chart.data.datasets[index]!.data = line));
    if (empty) empty.hidden = at.length > 0;
    chart.update();
  };
  update(first);
  if (empty) empty.hidden = drawn(first).at.length > 0;
  onThemeChange(() => chart.update());
  return { update };
}
