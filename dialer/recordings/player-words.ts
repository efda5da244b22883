import type { Request } from 'express';

/** What the player says by script. */
export function playerWords(req: Request): Record<string, string> {
  const { t } = req.context;
  return {
    play: t('dialer:recordings.play'),
    pause: t('dialer:recordings.pause'),
    failed: t('dialer:recordings.cannotPlay'),
    'gap.hold': t('dialer:recordings.gap.hold', { skipInterpolation: true }),
    'gap.agent': t('dialer:recordings.gap.agent', { skipInterpolation: true }),
  };
}
