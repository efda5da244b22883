import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the running code lies: the project itself in development, its `dist` once built. */
const codeRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const projectRoot = basename(codeRoot) === 'dist' ? dirname(codeRoot) : codeRoot;

/** Folders of the installation. Data is elsewhere: see `config.dataDir`. */
export const paths = {
  /** The project: package.json, views, docs. */
  root: projectRoot,
  /** `migrations/` of the running code: TypeScript in development, JavaScript once built. */
  migrations: join(codeRoot, 'migrations'),
  /** Modules that add commands to `bin/ringwise`. */
  commands: join(codeRoot, 'bin', 'commands'),
  /** Templates and locales; read from the project in both cases. */
  views: join(projectRoot, 'views'),
  /** Browser bundles, styles, fonts and icons, made by `bin/build.mjs`. */
  public: join(projectRoot, 'dist', 'public'),
  /** True when built JavaScript runs, false under a TypeScript loader. */
  built: codeRoot !== projectRoot,
} as const;
