import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from 'chart.js';
import { need, pageData } from '../shared/dom.ts';

interface Openings {
  /** The hours in words. */
  hours: string[];
  zones: { label: string; counts: number[] }[];
}

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);

/** Okabe and Ito's palette: told apart by eyes of every kind. */
const colours = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#f0e442',
  '#9aa5b1',
  '#666666',
];

const data = pageData<Openings>();
const canvas = need<HTMLCanvasElement>('#openings');
if (data) draw(data);

/** Leads that may be called at each hour, stacked by zone, on the reader's clock. */
function draw({ hours, zones }: Openings): void {
  const ink = () => getComputedStyle(canvas).color;
  new Chart(canvas, {
    type: 'bar',
    data: {
      labels: hours,
      datasets: zones.map(({ label, counts }, index) => ({
        label,
        data: counts,
        backgroundColor: colours[index % colours.length],
      })),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      plugins: { legend: { position: 'bottom', labels: { color: ink() } } },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          ticks: { maxRotation: 0, autoSkipPadding: 16, color: ink },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          ticks: { precision: 0, color: ink },
          grid: { color: '#88888833' },
        },
      },
    },
  });
}
