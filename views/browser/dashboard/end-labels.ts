import type { Chart, Plugin } from 'chart.js';

/** Read from across a room, words of a chart are as large as those around it. */
export const fontSize = document.querySelector('.dashboard-wall') ? 18 : 12;
const gap = 6;

export interface EndLabel {
  readonly label: string;
  colour(): string;
}

/** Names each series beside its last value, pushed apart where they would cover each other, with room for the longest. */
export function endLabels(series: readonly EndLabel[]): Plugin<'line' | 'bar'> {
  return {
    id: 'end-labels',
    beforeLayout(chart) {
      const { ctx } = chart;
      ctx.save();
      ctx.font = fontOf(chart);
      const widest = Math.max(...series.map(({ label }) => ctx.measureText(label).width));
      ctx.restore();
      chart.options.layout = { padding: { right: Math.ceil(widest) + 2 * gap, top: fontSize } };
    },
    afterDatasetsDraw(chart) {
      const { ctx, chartArea } = chart;
      const places = series.flatMap(({ label, colour }, index) => {
        const last = chart.getDatasetMeta(index).data.at(-1);
        return last ? [{ label, colour, y: last.y }] : [];
      });
      spread(places, fontSize / 2, fontSize + 2);
      ctx.save();
      ctx.font = fontOf(chart);
      ctx.textBaseline = 'middle';
      for (const { label, colour, y } of places) {
        ctx.fillStyle = colour();
        ctx.fillText(label, chartArea.right + gap, y);
      }
      ctx.restore();
    },
  };
}

const fontOf = (chart: Chart): string => `${fontSize}px ${getComputedStyle(chart.canvas).fontFamily}`;

/** From the lowest up, so that labels at the floor of the chart do not leave it; then from the top down, for the same there. */
function spread(places: { y: number }[], top: number, height: number): void {
  places.sort((a, b) => a.y - b.y);
  for (let index = places.length - 2; index >= 0; index--)
    places[index]!.y = Math.min(places[index]!.y, places[index + 1]!.y - height);
  let least = top;
  for (const place of places) {
    place.y = Math.max(place.y, least);
    least = place.y + height;
  }
}
