import { drawForecast, type ForecastChart } from '../forecast/charts.ts';

/** Each takes away a chart that stands on the page. */
const drawn: (() => void)[] = [];

/** The result comes with its figures beside it, on the page or later by htmx. */
function draw(): void {
  for (const remove of drawn.splice(0)) remove();
  const data = document.querySelector<HTMLElement>('[data-forecast]')?.dataset.forecast;
  if (!data) return;
  const figures = JSON.parse(data) as ForecastChart;
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>('canvas[data-chart]'))
    drawn.push(drawForecast(canvas, figures));
}

/** The ratio is for one mode only. */
function ratio(): void {
  const mode = document.querySelector<HTMLSelectElement>('#f-mode');
  const field = document.querySelector<HTMLInputElement>('#f-powerRatio')?.closest<HTMLElement>('.field');
  if (!mode || !field) return;
  const show = () => (field.hidden = mode.value !== 'power');
  mode.addEventListener('change', show);
  show();
}

draw();
ratio();
document.body.addEventListener('htmx:afterSettle', draw);
