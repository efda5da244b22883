import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { budgetOver, hindsightOver } from '../../../reports/dashboard/over-the-day.ts';
import type { NotDialing } from '../../../dialer/protocol.ts';
import { pacingLine } from '../../../reports/dashboard/pacing-line.ts';
import type { PacingView } from '../../../dialer/protocol.ts';
import { paths } from '../../../core/paths.ts';
import { createTranslator } from '../../../core/i18n/index.ts';

const words = createTranslator(join(paths.views, 'locales'));
const span = 300_000;
const day = 86_400_000;
const rows = (at: number, connected: number, abandoned: number) => [
  { bucket_at: at, figure: 'connected', value: connected },
  { bucket_at: at, figure: 'abandoned', value: abandoned },
  { bucket_at: at, figure: 'attempts', value: 999 },
];

describe('the day on the dashboard', () => {
  it('shows the window’s account at the end of each span, with what fell out of it meanwhile', () => {
    const today = 10 * day;
    const points = budgetOver(
      [...rows(today, 90, 10), ...rows(today + span, 49, 1)],
      // A day ago; the first span is out of the window once the second of today counts.
      rows(today - day + span, 200, 0),
      { connected: 139, abandoned: 11, at: today + span + 60_000 },
      { abandonCap: 0.1, abandonWindowMs: day },
    );
    assert.deepEqual(points, [
      { at: today + span, abandoned: 10, allowed: 30 },
      // The span that is under way, up to now.
      { at: today + span + 60_000, abandoned: 11, allowed: 15 },
    ]);
    assert.deepEqual(
      budgetOver(
        [],
        [],
        { connected: 5, abandoned: 0, at: today },
        { abandonCap: 0.1, abandonWindowMs: day },
      ),
      [],
    );
  });

  it('shows means by minute at first, by five minutes later', () => {
    const row = (minute: number, answersActual: number) => ({
      campaignId: 1,
      at: minute * 60_000,
      samples: 2,
      answersForecast: 4,
      answersActual,
      freeForecast: 2,
      freeActual: 1,
    });
    assert.deepEqual(hindsightOver([row(0, 2), row(1, 6)]), [
      { at: 0, answersForecast: 2, answersActual: 1, freeForecast: 1, freeActual: 0.5 },
      { at: 60_000, answersForecast: 2, answersActual: 3, freeForecast: 1, freeActual: 0.5 },
    ]);
    const long = hindsightOver([row(0, 2), row(1, 6), row(70, 2)]);
    assert.deepEqual(
      long.map(({ at, answersActual }) => [at, answersActual]),
      [
        [0, 2],
        [70 * 60_000, 1],
      ],
    );
  });
});

describe('the line that explains a decision', () => {
  const view: PacingView = {
    dialerId: 'main',
    campaignId: 1,
    at: 0,
    mode: 'predictive',
    launch: 3,
    reason: 'pacing',
    facts: {
      idle: 2,
      ringing: 7,
      expectedFree: 1.26,
      expectedAnswers: 1.74,
      budgetLeft: 4.2,
      abandoned: 3,
      answers: 240,
      limit: 'lines',
    },
    linesInFlight: 7,
    hopper: 20,
    notDialing: null,
  };

  it('is in the reader’s language, with the figures it rests on', () => {
    const english = pacingLine(view, { t: words.for('en'), locale: 'en' });
    assert.equal(english!.text, 'Dialling 3: 2 free, 1.3 more soon; 1.7 answers expected from 7 lines.');
    assert.match(english!.budget!, /4\.2 abandoned calls/);
    assert.match(english!.limit!, /lines/);
    const over = { ...view, facts: { ...view.facts, budgetLeft: -1.9 } };
    assert.equal(
      pacingLine(over, { t: words.for('en'), locale: 'en' })!.budget,
      '1.9 abandoned calls over the allowance.',
    );
    assert.match(pacingLine(view, { t: words.for('zh-CN'), locale: 'zh-CN' })!.text, /坐席示闲/);
    assert.match(pacingLine(view, { t: words.for('zh-TW'), locale: 'zh-TW' })!.text, /客服人員待機/);
  });

  it('does not take leads that are being looked up for their end', () => {
    const said = (locale: 'en' | 'zh-CN') =>
      pacingLine({ ...view, reason: 'looking-for-leads' }, { t: words.for(locale), locale })!.text;
    assert.equal(said('en'), 'Looking up which leads may be called now.');
    assert.match(said('zh-CN'), /正在查询/);
  });

  it('is not there where nothing was decided', () => {
    const t = words.for('en');
    assert.equal(pacingLine(null, { t, locale: 'en' }), null);
    assert.equal(pacingLine({ ...view, reason: '' }, { t, locale: 'en' }), null);
  });

  it('does not say in other words what the page says already keeps the campaign from dialling', () => {
    const reader = { t: words.for('en'), locale: 'en' } as const;
    const not = (code: NotDialing['code'], reason: string) =>
      pacingLine({ ...view, reason, notDialing: { code, params: {}, until: null } }, reader);
    assert.equal(not('no-trunk', 'no-lines'), null);
    assert.equal(not('agents-busy', 'no-agents'), null);
    assert.ok(not('agents-busy', 'enough-ringing'));
  });
});
