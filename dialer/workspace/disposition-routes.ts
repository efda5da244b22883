import { Router } from 'express';
import { z } from 'zod';
import type { App } from '../../core/app.ts';
import { flash, guard, redirect, userOf, validate } from '../../core/http/index.ts';
import { isZone } from '../../core/i18n/index.ts';
import { clockTime, isoDay } from '../../core/time/typed.ts';
import { draftFields, maxDraftField, readDraft, type DraftForm } from '../drafts/draft.ts';
import type { DraftStore } from '../drafts/draft-store.ts';
import type { CallbackTimes } from './callback-times.ts';
import { commandSchemas, wallClockSchema } from './commands.ts';
import type { Dispositions } from './dispositions.ts';

const callId = z.string().min(1).max(40);
const text = z.string().max(maxDraftField).optional();
const formBody = z.object({
  callId,
  ...(Object.fromEntries(draftFields.map((field) => [field, text])) as Record<(typeof draftFields)[number], typeof text>), // prettier-ignore
  callbackZone: z.string().refine(isZone).optional(),
  late: z.string().optional(),
});

/** The disposition form as a form is sent, for a page whose script has failed; and a look at a callback's time. */
export function dispositionRoutes(
  app: App,
  parts: { drafts: DraftStore; dispositions: Dispositions; times: CallbackTimes },
): Router {
  const router = Router();
  const agents = guard('agent', 'supervisor');

  const sent = validate({ body: formBody });
  router.post('/workspace/disposition', agents, sent, async (req, res) => {
    const user = userOf(req);
    const { callId: id, late, ...fields } = sent.of(req).body;
    const draft = readDraft(fields);
    try {
      const given = commandSchemas.dispose.safeParse({
        ...givenOf(id, draft, draft.callbackZone ?? req.context.zone),
        late,
      });
      if (!given.success) throw parts.dispositions.incomplete(draft);
      await parts.dispositions.handIn(req, given.data);
    } catch (error) {
      // Whatever is wrong with it, what was typed is there when the page is shown again.
      const { revision } = await parts.drafts.get(user.id, id);
      await parts.drafts.save(user.id, id, { revision, form: draft }, app.clock.now());
      throw error;
    }
    flash(req, 'success', 'workspace:disposition.done');
    redirect(req, res, '/workspace');
  });

  const asked = validate({ query: wallClockSchema.extend({ callId }) });
  router.get('/workspace/callback-look', agents, asked, async (req, res) => {
    res.json(await parts.times.look(req.context, userOf(req).id, asked.of(req).query));
  });

  return router;
}

function givenOf(id: string, draft: DraftForm, zone: string): object {
  const date = isoDay(draft.callbackDate ?? '') ?? draft.callbackDate;
  const time = clockTime(draft.callbackTime ?? '') ?? draft.callbackTime;
  return {
    callId: id,
    dispositionId: draft.dispositionId,
    note: draft.note ?? '',
    next: draft.pauseCodeId ? 'paused' : 'ready',
    // Not a code: the pause that the agent had dialled from.
    ...(draft.pauseCodeId && draft.pauseCodeId !== 'before' ? { pauseCodeId: draft.pauseCodeId } : {}),
    // Without the script the fields of a callback are there for every result; a date says that one is meant.
    ...(date || time
      ? {
          callback: {
            ...{ date, time, zone },
            mine: draft.callbackMine !== 'false',
            e164: draft.callbackPhone || undefined,
            note: draft.callbackNote || undefined,
          },
        }
      : {}),
  };
}
