import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { notFound } from '../../core/http/index.ts';
import { promptFile, promptFolder } from './prompt-library.ts';

/** Sounds for the switch, which has no session: the name, made from the words, is what lets it in. */
export function promptRoutes(app: Pick<App, 'config'>): Router {
  const router = Router();
  router.get('/prompts/:file', async (req, res) => {
    const { file } = req.params;
    if (!promptFile.test(file)) throw notFound();
    await new Promise<void>((resolve, reject) => {
      const options = { root: promptFolder(app.config.dataDir), maxAge: '1d', immutable: true };
      res.type('audio/wav').sendFile(file, options, (error) => {
        if (!error || res.headersSent) resolve();
        else reject(notFound());
      });
    });
  });
  return router;
}
