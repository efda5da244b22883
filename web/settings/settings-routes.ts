import { Router, type Request, type Response } from 'express';
import type { App } from '../../core/app.ts';
import {
  flash,
  found,
  guard,
  page,
  redirect,
  userOf,
  type SettingField,
  type SettingsGroup,
} from '../../core/http/index.ts';
import { checkGroup, revisionOf, settingOptions, shownValue } from './setting-form.ts';

/** One page of all settings that areas have registered, a card and a form for each group. */
export function settingsRoutes(app: App, groups: readonly SettingsGroup[]): Router {
  const router = Router();
  router.use('/settings', guard('administrator'));

  const { session: key } = app.config.secrets;

  /** After a refusal, the refused group shows what was typed; where somebody else has saved it meanwhile, it says so. */
  async function show(
    req: Request,
    res: Response,
    refused?: {
      group: string;
      body: Record<string, unknown>;
      errors: Record<string, string>;
      conflict?: boolean;
    },
  ): Promise<void> {
    const { t } = req.context;
    const cards = await Promise.all(
      [...groups]
        .sort((a, b) => a.order - b.order)
        .map(async (group) => {
          const mine = refused?.group === group.key ? refused : undefined;
          const values = new Map<string, unknown>();
          const fields = await Promise.all(
            (group.fields as readonly SettingField[]).map(async (field) => {
              const stored = await app.settings.get(field.definition);
              const { key, secret } = field.definition;
              values.set(key, stored);
              const typed = mine?.body[key];
              const options = settingOptions(field, req.context);
              const fallback = shownValue(field, field.definition.fallback);
              return {
                ...field,
                key,
                secret: Boolean(secret),
                isSet: Boolean(secret) && stored !== '' && stored !== null,
                value: mine
                  ? field.input === 'checkbox'
                    ? typed === 'on'
                    : typed
                  : shownValue(field, stored),
                standard: secret
                  ? null
                  : (options?.find(({ value }) => value === fallback)?.label ?? fallback),
                differs: stored !== field.definition.fallback,
                error: mine?.errors[key],
                options,
              };
            }),
          );
          const now = revisionOf(group, ({ key: of }) => values.get(of) as never, key);
          // Saving what was wrong must not go over what somebody else has saved since it was shown.
          const revision = mine && !mine.conflict ? String(mine.body.revision ?? '') : now;
          return { ...group, fields, revision, conflict: mine?.conflict };
        }),
    );
    page(req, res, 'web/settings', { title: t('web:settings.title'), groups: cards });
  }

  router.get('/settings', (req, res) => show(req, res));

  router.post('/settings/:group', async (req, res) => {
    const group = found(groups.find((candidate) => candidate.key === req.params.group));
    const body = (req.body ?? {}) as Record<string, unknown>;
    const checked = checkGroup(group, body, req.context.t);
    if (Object.keys(checked.errors).length > 0) {
      res.status(422);
      return show(req, res, { group: group.key, body, errors: checked.errors });
    }
    const { revision } = body;
    const fields = group.fields as readonly SettingField[];
    const count = await app.settings.setAll(
      checked.changes.map(({ field, value }) => ({ definition: field.definition, value })),
      { userId: userOf(req).id },
      {
        among: fields.map(({ definition }) => definition),
        asSeen: (stored) => revisionOf(group, stored, key) === revision,
      },
    );
    if (count === null) {
      res.status(409);
      return show(req, res, { group: group.key, body, errors: {}, conflict: true });
    }
    const { t } = req.context;
    if (count > 0) flash(req, 'success', 'web:settings.saved', { group: t(group.labelKey), count });
    else flash(req, 'info', 'web:settings.unchanged');
    redirect(req, res, `/settings#${group.key}`);
  });

  return router;
}
