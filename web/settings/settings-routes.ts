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
import { checkGroup, settingOptions, shownValue, storeChanges } from './setting-form.ts';

/** One page of all settings that areas have registered, a card and a form for each group. */
export function settingsRoutes(app: App, groups: readonly SettingsGroup[]): Router {
  const router = Router();
  router.use('/settings', guard('administrator'));

  /** After a refusal, the refused group shows what was typed. */
  async function show(
    req: Request,
    res: Response,
    refused?: { group: string; body: Record<string, unknown>; errors: Record<string, string> },
  ): Promise<void> {
    const { t } = req.context;
    const cards = await Promise.all(
      [...groups]
        .sort((a, b) => a.order - b.order)
        .map(async (group) => {
          const mine = refused?.group === group.key ? refused : undefined;
          const fields = await Promise.all(
            (group.fields as readonly SettingField[]).map(async (field) => {
              const stored = await app.settings.get(field.definition);
              const { key, secret } = field.definition;
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
          return { ...group, fields };
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
    const count = await storeChanges(app.settings, checked, userOf(req).id);
    const { t } = req.context;
    if (count > 0) flash(req, 'success', 'web:settings.saved', { group: t(group.labelKey), count });
    else flash(req, 'info', 'web:settings.unchanged');
    redirect(req, res, `/settings#${group.key}`);
  });

  return router;
}
