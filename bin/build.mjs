// Builds what production runs: server code to dist/, and browser bundles with a manifest to dist/public/.
//   node bin/build.mjs [--if-changed] [--quiet]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const publicDir = join(dist, 'public');
const stampFile = join(dist, '.sources');
/** What the last build wrote to dist/public. */
const outputsFile = join(dist, '.outputs');
/** For so long a product that was started before a build finds the files that its pages name. */
const keptDays = 7;

const serverFolders = ['core', 'crm', 'campaigns', 'dialer', 'reports', 'web', 'bin', 'migrations'];

/** Bundled, one bundle for each page. Their names in the manifest are relative to these folders. */
const entries = [
  ...filesIn(join(root, 'views/browser/pages'), ['.ts']).map((file) => ({ file, base: 'views/browser' })),
  ...filesIn(join(root, 'views/styles'), ['.css'], { deep: false }).map((file) => ({
    file,
    base: 'views/styles',
  })),
];

/** Copied as they are, from folder to folder under dist/public. */
const copies = [{ from: 'views/static', to: '.' }];

/** What a build is made of besides the sources themselves. */
const buildFiles = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'bin/build.mjs'];

const started = performance.now();
const stamp = fingerprint();
if (process.argv.includes('--if-changed') && isFresh()) process.exit(0);
say('Building …');
rmSync(stampFile, { force: true });
compileServer();
removeOrphans();
await bundleBrowser();
writeFileSync(stampFile, stamp);
say(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s.`);

/** Types are checked by `npm run typecheck` and in bin/test; here they are only taken off. */
function compileServer() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

/** A source that was removed must not live on as built code: a migration would still run. */
function removeOrphans() {
  for (const folder of serverFolders)
    for (const built of filesIn(join(dist, folder), ['.js', '.map'])) {
      const source = join(root, relative(dist, built)).replace(/\.js(\.map)?$/, '.ts');
      if (!existsSync(source)) rmSync(built);
    }
}

async function bundleBrowser() {
  const before = existsSync(outputsFile) ? JSON.parse(readFileSync(outputsFile, 'utf8')) : [];
  mkdirSync(publicDir, { recursive: true });
  for (const { from, to } of copies)
    if (existsSync(join(root, from))) cpSync(join(root, from), join(publicDir, to), { recursive: true });
  const manifest = {};
  if (entries.length > 0) {
    const { build } = await import('esbuild');
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: entries.map(({ file, base }) => ({
        in: file,
        out: relative(join(root, base), file).slice(0, -extname(file).length),
      })),
      outdir: publicDir,
      entryNames: '[dir]/[name]-[hash]',
      chunkNames: 'chunks/[name]-[hash]',
      assetNames: 'files/[name]-[hash]',
      loader: Object.fromEntries(
        ['.woff', '.woff2', '.ttf', '.eot', '.svg', '.png'].map((it) => [it, 'file']),
      ),
      bundle: true,
      splitting: true,
      format: 'esm',
      target: 'es2022',
      minify: true,
      sourcemap: true,
      metafile: true,
      legalComments: 'linked',
      logLevel: 'warning',
      tsconfig: join(root, 'views/tsconfig.json'),
    });
    for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
      const entry = entries.find(({ file }) => entryPoint && join(root, entryPoint) === file);
      if (!entry) continue;
      const name = relative(join(root, entry.base), entry.file).replace(/\.ts$/, '.js');
      manifest[name] = relative(publicDir, join(root, output));
    }
    retire(before, Object.keys(metafile.outputs));
  }
  writeFileSync(join(publicDir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Files that no build names any more go some days after the last that did: a running product may still serve them. */
function retire(before, now) {
  const named = new Set(now.map((file) => join(root, file)));
  const since = new Date();
  for (const file of before) if (existsSync(join(root, file))) utimesSync(join(root, file), since, since);
  const hashed = filesIn(publicDir).filter((file) => /-[A-Z0-9]{8}\./.test(basename(file)));
  for (const file of hashed)
    if (!named.has(file) && since - statSync(file).mtime > keptDays * 86_400_000) rmSync(file);
  writeFileSync(outputsFile, JSON.stringify(now));
}

/** By content, not by time: a fresh clone has new times on old files. */
function fingerprint() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  const sources = [
    ...serverFolders.flatMap((folder) => filesIn(join(root, folder), ['.ts', '.json'])),
    ...['browser', 'styles', 'static'].flatMap((folder) => filesIn(join(root, 'views', folder))),
    ...buildFiles.map((file) => join(root, file)),
  ];
  for (const file of sources.sort())
    hash.update(relative(root, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

function isFresh() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

function filesIn(folder, extensions, { deep = true } = {}) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: deep, withFileTypes: true })
    .filter((entry) => entry.isFile() && !basename(entry.name).endsWith('.d.ts'))
    .filter((entry) => !extensions || extensions.includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
}

function say(text) {
  if (!process.argv.includes('--quiet')) console.log(text);
}
