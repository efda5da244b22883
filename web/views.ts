import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import type { Express } from 'express';
import { ExpressHandlebars } from 'express-handlebars';
import Handlebars, { type TemplateDelegate } from 'handlebars';
import { createAssets, createHelpers, createIcons } from '../core/http/index.ts';
import { paths } from '../core/paths.ts';

// An indented partial would indent every line that somebody typed into a textarea.
const compilerOptions = { preventIndent: true };
const compiled = new Map<string, TemplateDelegate>();

/** Handlebars itself compiles at the first use: an agent's first call would wait for it. */
function compile(text: string): TemplateDelegate {
  let template = compiled.get(text);
  if (!template) {
    const spec = Handlebars.precompile(text, compilerOptions) as string;
    template = Handlebars.template(runInThisContext(`(${spec})`) as TemplateSpecification);
    compiled.set(text, template);
  }
  return template;
}

class Views extends ExpressHandlebars {
  protected override _compileTemplate(text: string): TemplateDelegate {
    return compile(text);
  }
}

/** Pages are drawn from `views/`, read once for the life of the process. */
export function useViews(web: Express): void {
  const helpers = createHelpers(createIcons(), createAssets(paths.public, !paths.built));
  const views = new Views({ extname: '.hbs', defaultLayout: 'main', helpers });
  web.engine('hbs', views.engine);
  web.set('view engine', 'hbs');
  web.set('views', paths.views);
  web.enable('view cache');
}

/** Makes every page ready, so that none is slow when it is first asked for; about a second. */
export async function compileViews(): Promise<void> {
  const files = await readdir(paths.views, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.hbs')))
    compile(await readFile(join(paths.views, file), 'utf8'));
}
