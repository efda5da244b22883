import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { can, formState, userOf } from '../../core/http/index.ts';
import { UserStore } from '../../core/users/index.ts';
import {
  isBlindTo,
  isShownTo,
  mayHandOver,
  mayScore,
  maySettle,
  mayWithdraw,
  reviewers,
  type Review,
} from './review.ts';
import { createReviewStore } from './review-store.ts';
import { createReviewView } from './review-view.ts';
import { createSheetStore } from './sheet-store.ts';

interface Reviewable {
  readonly id: number;
  readonly state: string;
  readonly userId: number | null;
}

/** What the page of a recording shows of its reviews: what the reader has to score or to settle, and what was scored. */
export function createReviewPanel(app: App) {
  const reviews = createReviewStore(app);
  const sheets = createSheetStore(app);
  const view = createReviewView(app, { reviews, sheets });
  const users = new UserStore(app.db);

  return async (req: Request, recording: Reviewable) => {
    if (!can(req, ...reviewers)) return null;
    const asker = userOf(req);
    const isOwn = recording.userId === asker.id;
    const all = (await reviews.ofRecording(recording.id)).filter(
      (one) => one.state !== 'withdrawn' && (one.agentId !== asker.id || isShownTo(one, asker.id)),
    );
    const open =
      all.find((one) => one.state === 'assigned' && mayScore(one, asker)) ??
      all.find((one) => maySettle(one, asker)) ??
      all.find((one) => one.calibrationId === null && mayScore(one, asker)) ??
      null;
    const isBlind = isBlindTo(all, asker.id);
    const shown = isBlind
      ? []
      : all.filter(({ id, calibrationId }) => calibrationId === null && id !== open?.id);
    const mayBegin =
      recording.state === 'stored' &&
      recording.userId !== null &&
      !isOwn &&
      !isBlind &&
      !all.some((one) => one.calibrationId === null);
    const [choices, colleagues, calibrations] = await Promise.all([
      sheets.all(),
      users.active(...reviewers),
      isBlind ? [] : [...new Set(all.flatMap(({ calibrationId }) => calibrationId ?? []))],
    ]);
    const others = colleagues
      .filter(({ id }) => id !== recording.userId)
      .map(({ id, name }) => ({ id, name }));
    return {
      open: open && { ...(await view(req, open)), settles: open.state === 'disputed' },
      mayWithdraw: open !== null && mayWithdraw(open, asker),
      shown: await Promise.all(
        shown.map(async (one: Review) => ({
          ...(await view(req, one)),
          mayWithdraw: mayWithdraw(one, asker),
          others: mayHandOver(one, asker) ? others.filter(({ id }) => id !== one.reviewerId) : [],
        })),
      ),
      calibrations,
      mayBegin,
      mayCalibrate: recording.state === 'stored' && recording.userId !== null && !isOwn && !isBlind,
      form: formState({}),
      sheets: choices
        .filter(({ archivedAt }) => archivedAt === null)
        .map(({ id, name }) => ({ value: id, label: name })),
      colleagues: others,
    };
  };
}
