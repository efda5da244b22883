import {
  CategoryScale,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartDataset,
} from 'chart.js';
import type { OffsetsAhead } from '../../../core/time/local-time.ts';
import { chartColour, onThemeChange, type ChartColour } from '../shared/chart-colours.ts';
import { localClock } from '../shared/local-clock.ts';
import { say } from '../shared/words.ts';

Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

interface Band {
  low: number;
  middle: number;
  high: number;
}
type Kind = 'utilization' | 'abandonShare' | 'callsPerHour' | 'leads';
type Span = { at: number } & Record<Kind, Band | null>;
export interface ForecastChart {
  /** Of the campaign's zone. */
  offsets: OffsetsAhead;
  cap: number;
  shown: Span[];
  before: Span[] | null;
}
type Line = ChartDataset<'line', (number | null)[]>;

const colours: Record<Kind, ChartColour> = {
  utilization: 'blue',
  abandonShare: 'orange',
  callsPerHour: 'green',
  leads: 'purple',
};
const shares: readonly Kind[] = ['utilization', 'abandonShare'];

/** Draws one figure over the day: the middle as a line, eight in ten days as a band around it. The result takes it away. */
export function drawForecast(canvas: HTMLCanvasElement, data: ForecastChart): () => void {
  const kind = canvas.dataset.chart as Kind;
  const locale = document.documentElement.lang;
  const time = localClock(locale, data.offsets);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const text = (value: number) => (shares.includes(kind) ? percent : number).format(value);
  const ink = () => getComputedStyle(canvas).color;
  const chart = new Chart<'line', (number | null)[], string>(canvas, {
    type: 'line',
    data: { labels: data.shown.map(({ at }) => time(at)), datasets: lines(kind, data) },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      plugins: {
        tooltip: {
          callbacks: { label: ({ dataset, parsed }) => `${dataset.label}: ${text(parsed.y ?? 0)}` },
          filter: ({ dataset }) => dataset.label !== '',
        },
      },
      scales: {
        x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 20, color: ink } },
        y: {
          beginAtZero: kind !== 'utilization',
          suggestedMax: kind === 'abandonShare' ? data.cap * 1.3 : kind === 'utilization' ? 1 : undefined,
          ticks: { color: ink, maxTicksLimit: 6, callback: (value) => text(Number(value)) },
          grid: { color: '#88888833' },
        },
      },
    },
  });
  const rest = onThemeChange(() => chart.update());
  return () => {
    rest();
    chart.destroy();
  };
}

function lines(kind: Kind, { shown, before, cap }: ForecastChart): Line[] {
  const colour = colours[kind];
  const edge = (level: 'low' | 'high'): Line => ({
    label: '',
    data: shown.map((span) => span[kind]?.[level] ?? null),
    borderWidth: 0,
    pointRadius: 0,
    backgroundColor: () => `${chartColour(colour)}33`,
    fill: level === 'high' ? '-1' : false,
  });
  const plain = (label: string, data: (number | null)[], colour: ChartColour, dashed = false): Line => ({
    label,
    data,
    borderColor: () => chartColour(colour),
    backgroundColor: () => chartColour(colour),
    borderWidth: 2,
    borderDash: dashed ? [5, 4] : [],
    pointRadius: 0,
    pointHitRadius: 8,
    fill: false,
  });
  const middles = (spans: Span[]) => spans.map((span) => span[kind]?.middle ?? null);
  return [
    edge('low'),
    edge('high'),
    plain(say(kind), middles(shown), colour),
    ...(before ? [plain(say('before'), middles(before), 'grey', true)] : []),
    ...(kind === 'abandonShare'
      ? [
          plain(
            say('cap'),
            shown.map(() => cap),
            'red',
            true,
          ),
        ]
      : []),
  ];
}
