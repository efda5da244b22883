import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { nextState, reviewStates, type Review } from '../../../dialer/quality/review.ts';
import { drawFrom } from '../../../dialer/quality/sampling.ts';
import { scoreOf, sectionsOf, unanswered, type Question } from '../../../dialer/quality/score-sheet.ts';
import { sheetForm } from '../../../dialer/quality/sheet-form.ts';
import { spreadOf } from '../../../dialer/quality/spread.ts';
import { weekBefore, weekOf } from '../../../dialer/quality/week.ts';

const question = (id: string, of: Partial<Question> = {}): Question => ({
  ...{
    id,
    section: 'Opening',
    text: id,
    kind: 'yes-no',
    max: 1,
    weight: 10,
    mayNotApply: false,
    isFatal: false,
  },
  ...of,
});
const greeting = question('greeting');
const tone = question('tone', { kind: 'points', max: 5, weight: 30, section: 'Talk' });
const notice = question('notice', { isFatal: true, weight: 0 });
const card = question('card', { mayNotApply: true, weight: 60 });

describe('a score', () => {
  it('is what is reached of what can be, by weight', () => {
    const answers = { greeting: 1, tone: 4, notice: 1, card: 0 };
    assert.deepEqual(scoreOf([greeting, tone, notice, card], answers), { score: 3_400, isFatal: false });
  });

  it('leaves out what does not apply, and is none where nothing does', () => {
    assert.equal(scoreOf([greeting, card], { greeting: 1, card: 'na' }).score, 10_000);
    assert.equal(scoreOf([card], { card: 'na' }).score, null);
    assert.equal(scoreOf([notice], { notice: 1 }).score, null, 'a weight of 0 counts nothing');
  });

  it('is nothing where a fatal question has no point', () => {
    assert.deepEqual(scoreOf([greeting, notice], { greeting: 1, notice: 0 }), { score: 0, isFatal: true });
    const points = question('points', { kind: 'points', max: 5, isFatal: true });
    assert.equal(scoreOf([points], { points: 1 }).isFatal, false);
  });

  it('lies between nothing and all, whatever is answered', () => {
    const questions = fc.array(
      fc.record({ max: fc.integer({ min: 1, max: 10 }), weight: fc.integer({ min: 0, max: 100 }), isFatal: fc.boolean(), share: fc.double({ min: 0, max: 1, noNaN: true }) }), // prettier-ignore
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(questions, (given) => {
        const sheet = given.map(({ max, weight, isFatal }, n) => question(`q${n}`, { max, weight, isFatal }));
        const answers = Object.fromEntries(
          given.map(({ max, share }, n) => [`q${n}`, Math.round(max * share)]),
        );
        const { score, isFatal } = scoreOf(sheet, answers);
        assert.ok(score === null || (score >= 0 && score <= 10_000));
        assert.equal(
          isFatal,
          given.some(({ isFatal: fatal, max, share }) => fatal && Math.round(max * share) === 0),
        );
      }),
    );
  });

  it('needs an answer to each question, of those that it allows', () => {
    const sheet = [greeting, tone, card];
    assert.deepEqual(unanswered(sheet, {}), ['greeting', 'tone', 'card']);
    assert.deepEqual(unanswered(sheet, { greeting: 'na', tone: 6, card: 'na' }), ['greeting', 'tone']);
    assert.deepEqual(unanswered(sheet, { greeting: 0, tone: 5, card: 1 }), []);
  });
});

describe('a score sheet', () => {
  const row = { section: 'S', text: 'T', kind: 'yes-no', max: '', weight: '10' };

  it('keeps the ids of its questions, gives new ones to new, and leaves empty rows out', () => {
    const given = {
      name: 'N',
      version: '3',
      questions: [{ ...row, id: '0a1b2c3d' }, row, { ...row, text: ' ' }],
    };
    const { questions } = sheetForm.parse(given);
    assert.equal(questions.length, 2);
    assert.equal(questions[0]!.id, '0a1b2c3d');
    assert.match(questions[1]!.id, /^[0-9a-f]{8}$/);
    assert.equal(questions[1]!.max, 1);
  });

  it('takes more than twenty rows, which forms send by their numbers', () => {
    const questions = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [n, row]));
    assert.equal(sheetForm.parse({ name: 'N', version: 0, questions }).questions.length, 25);
  });

  it('needs a question, and one that counts', () => {
    const fits = (questions: unknown) => sheetForm.safeParse({ name: 'N', version: 0, questions }).success;
    assert.equal(fits([]), false);
    assert.equal(fits([{ ...row, weight: 0 }]), false);
    assert.equal(fits([{ ...row, kind: 'points', max: 11 }]), false);
    assert.equal(fits([{ ...row, id: '0a1b2c3d' }, { ...row, id: '0a1b2c3d' }]), false, 'one id twice'); // prettier-ignore
    assert.equal(fits([{ ...row, isFatal: 'yes' }]), true);
  });

  it('has its sections in the order of their first question', () => {
    const sections = sectionsOf([greeting, tone, notice]).map(({ title, questions }) => [
      title,
      questions.length,
    ]);
    assert.deepEqual(sections, [['Opening', 2], ['Talk', 1]]); // prettier-ignore
  });
});

describe('a review', () => {
  it('goes its way, and no other', () => {
    const ways = reviewStates.flatMap((state) =>
      (['score', 'acknowledge', 'dispute', 'settle', 'withdraw'] as const).flatMap((step) => {
        const next = nextState(state, step);
        return next === null ? [] : [`${state} ${step} ${next}`];
      }),
    );
    assert.deepEqual(ways.sort(), [
      'assigned score scored',
      'assigned withdraw withdrawn',
      'disputed settle settled',
      'scored acknowledge acknowledged',
      'scored dispute disputed',
      'scored score scored',
      'settled acknowledge acknowledged',
    ]);
  });
});

describe('a draw', () => {
  it('takes as many as there are, none twice, and each as likely as the others', () => {
    assert.deepEqual(drawFrom([1, 2], 5).sort(), [1, 2]);
    const seen = new Map<number, number>();
    for (let round = 0; round < 6_000; round++) {
      const drawn = drawFrom([0, 1, 2, 3, 4, 5], 2);
      assert.equal(new Set(drawn).size, 2);
      for (const one of drawn) seen.set(one, (seen.get(one) ?? 0) + 1);
    }
    for (const count of seen.values()) assert.ok(Math.abs(count - 2_000) < 250, `${count} of about 2,000`);
  });

  it('is from a week that is over, by the clocks of its zone', () => {
    const monday = Date.UTC(2026, 10, 29, 16, 30); // 00:30 on Monday the 30th in Shanghai, still Sunday in UTC
    assert.equal(weekOf(monday, 'Asia/Shanghai'), '2026-11-30');
    assert.equal(weekOf(monday, 'UTC'), '2026-11-23');
    const { week, to } = weekBefore(monday, 'Asia/Shanghai');
    assert.deepEqual([week, to], ['2026-11-23', Date.UTC(2026, 10, 29, 16, 0)]);
  });
});

describe('the spread of several reviewers', () => {
  it('is the distance of the furthest, by question and in all', () => {
    const review = (answers: Review['answers'], score: number) => ({ answers, score }) as Review;
    const { byQuestion, lowest, highest, mean } = spreadOf(
      [greeting, tone, card],
      [review({ greeting: 1, tone: 5, card: 'na' }, 9_000), review({ greeting: 1, tone: 2, card: 1 }, 5_000)],
    );
    assert.deepEqual(byQuestion.map(({ spread }) => spread), [0, 0.6, 1]); // prettier-ignore
    assert.deepEqual([lowest, highest, mean], [5_000, 9_000, 7_000]);
  });
});
