/** Small charts as SVG text, readable on a light and on a dark page. */
const WIDTH = 760;
const INK = '#6b7280';
const COLOURS = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed'];

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const label = (x: number, y: number, text: string, anchor = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${INK}">${escape(text)}</text>`;

function page(title: string, height: number, body: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escape(title)}">`,
    `<title>${escape(title)}</title>`,
    `<text x="8" y="18" font-size="14" font-weight="600" fill="${INK}">${escape(title)}</text>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

export interface Bar {
  name: string;
  value: number;
  note?: string;
  /** Drawn in warning colour. */
  bad?: boolean;
}

/** Horizontal bars from `from` to `to`, with a line at each of `marks`. */
export function bars(
  title: string,
  rows: readonly Bar[],
  range: { from: number; to: number; marks?: { at: number; name: string }[] },
  text: (value: number) => string,
): string {
  const left = 250;
  const right = WIDTH - 190;
  const x = (value: number): number =>
    left +
    ((Math.min(range.to, Math.max(range.from, value)) - range.from) / (range.to - range.from)) *
      (right - left);
  const body = rows.flatMap((row, index) => {
    const y = 44 + index * 20;
    const colour = row.bad ? COLOURS[3] : COLOURS[0];
    return [
      label(left - 8, y + 11, row.name, 'end'),
      `<rect x="${left}" y="${y}" width="${(x(row.value) - left).toFixed(1)}" height="14" fill="${colour}"/>`,
      label(x(row.value) + 6, y + 11, `${text(row.value)} ${row.note ?? ''}`),
    ];
  });
  const bottom = 44 + rows.length * 20;
  for (const mark of range.marks ?? [])
    body.push(
      `<line x1="${x(mark.at).toFixed(1)}" x2="${x(mark.at).toFixed(1)}" y1="38" y2="${bottom}" stroke="${INK}" stroke-dasharray="4 3"/>`,
      label(x(mark.at), 34, mark.name, 'middle'),
    );
  return page(title, bottom + 12, body);
}

export interface Line {
  name: string;
  points: readonly (readonly [number, number])[];
}

/** Lines over time in hours. */
export function lines(title: string, series: readonly Line[], unit: string): string {
  const height = 280;
  const [left, right, top, bottom] = [52, WIDTH - 16, 50, height - 34];
  const xs = series.flatMap((line) => line.points.map((point) => point[0]));
  const ys = series.flatMap((line) => line.points.map((point) => point[1]));
  const xMax = Math.max(...xs, 1e-9);
  const yMax = Math.max(...ys, 1e-9) * 1.05;
  const x = (value: number): number => left + (value / xMax) * (right - left);
  const y = (value: number): number => bottom - (value / yMax) * (bottom - top);
  const body: string[] = [];
  for (let step = 0; step <= 4; step++) {
    const value = (yMax * step) / 4;
    body.push(
      `<line x1="${left}" x2="${right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="${INK}" stroke-opacity=".25"/>`,
      label(left - 6, y(value) + 4, value >= 10 ? value.toFixed(0) : value.toFixed(1), 'end'),
    );
  }
  for (let hour = 0; hour <= xMax; hour++) body.push(label(x(hour), bottom + 16, `${hour} h`, 'middle'));
  series.forEach((line, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = line.points
      .map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`)
      .join('');
    body.push(
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"/>`,
      `<rect x="${left + index * 220}" y="28" width="12" height="4" fill="${colour}"/>`,
      label(left + 18 + index * 220, 34, `${line.name}${index === 0 && unit ? ` (${unit})` : ''}`),
    );
  });
  return page(title, height, body);
}
