import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Express } from 'express';
import type { Context } from 'mocha';
import { chromium, type Browser, type Page } from 'playwright-core';
import { paths } from '../../core/paths.ts';
import { skip } from './skip.ts';

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

/** Skips where there is no Chromium, or nothing built for it. */
export function needBrowser(context: Context): void {
  if (!hasChromium) skip(context, 'Chromium is not installed');
  if (!existsSync(join(paths.public, 'manifest.json'))) skip(context, 'the browser bundles are not built');
}

/** Debian's Chromium without a screen, with an invented microphone. Nothing is downloaded. */
export function launchBrowser(extra: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...extra,
    ],
  });
}

/** Serves `web` on a free port of this machine. Streams do not keep it from closing. */
export async function serve(web: Express): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const server = createServer(web);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Collects what a page must not do: break the Content-Security-Policy, throw, or miss a file. */
export function watchForTrouble(page: Page): string[] {
  const trouble: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // A page that is left ends its stream.
    if (why !== 'net::ERR_ABORTED') trouble.push(`failed: ${request.url()} ${why}`);
  });
  return trouble;
}

export async function signIn(page: Page, url: string, username: string, password: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.fill('#f-username', username);
  await page.fill('#f-password', password);
  await page.click('#sign-in-form .btn-primary');
  await page.waitForURL((target) => !target.pathname.startsWith('/sign-in'));
}
