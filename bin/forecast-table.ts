import type { Band, ForecastResult, Outlook } from '../dialer/pacing/index.ts';
import type { ForecastFigures, MakeUp, Starting } from '../reports/forecast/index.ts';

export interface ShownForecast {
  figures: ForecastFigures;
  starting: Pick<Starting, 'learned'>;
  makeUp: MakeUp | null;
  result: ForecastResult;
  seconds: number;
}

const learnedWords = {
  campaign: 'the past calls of this campaign',
  others: 'past calls of other campaigns',
  typical: 'typical figures, as there are no calls to learn from',
};

/** A forecast for the terminal. */
export function forecastTable({ figures, starting, makeUp, result, seconds }: ShownForecast): string {
  const hours = seconds / 3600;
  const lines = [
    `${figures.mode}, ${figures.from}–${figures.until}, ${result.present.runs} days played: the middle day, and in brackets what eight in ten lie between`,
    `from ${learnedWords[starting.learned.from]}`,
  ];
  if (makeUp) {
    lines.push(`${makeUp.leads} leads may be called, ${makeUp.blocked} may not`);
    for (const { zone, leads } of makeUp.zones.slice(0, 5)) lines.push(`  ${zone}: ${leads}`);
  }
  const choices = [
    { agents: figures.agents, outlook: result.present },
    ...result.staffing.filter(({ agents }) => agents !== figures.agents),
  ].sort((a, b) => a.agents - b.agents);
  const heading = ['agents', 'agents busy', 'abandoned', 'calls', 'contacts an hour', 'wait for a call'];
  const withList = choices.some(({ outlook }) => outlook.listHours);
  if (withList) heading.push('days of list');
  const rows = choices.map(({ agents, outlook }) => rowOf(agents, outlook, hours, withList));
  const widths = heading.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd();
  lines.push('', line(heading), ...rows.map(line), '');
  if (result.recommended !== null) lines.push(`recommended: ${result.recommended} agents`, '');
  return lines.join('\n');
}

function rowOf(agents: number, outlook: Outlook, hours: number, withList: boolean): string[] {
  const percentOf = (band: Band): string => show(band, (x) => (100 * x).toFixed(1), ' %');
  const count = (band: Band): string => show(band, (x) => Math.round(x).toString());
  return [
    String(agents),
    percentOf(outlook.utilization),
    percentOf(outlook.abandonShare),
    count(outlook.calls),
    count(outlook.contactsPerHour),
    show(outlook.waitSeconds, (x) => x.toFixed(0), ' s'),
    ...(withList ? [outlook.listHours ? show(outlook.listHours, (x) => (x / hours).toFixed(1)) : ''] : []),
  ];
}

const show = (band: Band, text: (value: number) => string, unit = ''): string =>
  `${text(band.middle)}${unit} (${text(band.low)}–${text(band.high)})`;
