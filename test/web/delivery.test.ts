import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'mocha';
import { Router } from 'express';
import { guard, sse } from '../../core/http/index.ts';
import { serve } from '../support/browser.ts';
import { testWeb, type TestWeb, type Visitor } from './support.ts';

/** The answer as it comes over the wire, before anything is unpacked. */
const raw = (url: string, headers: Record<string, string>) =>
  new Promise<IncomingMessage>((resolve, reject) => get(url, { headers }, resolve).on('error', reject));

describe('what goes over the wire', () => {
  let t: TestWeb;
  let site: Awaited<ReturnType<typeof serve>>;
  let admin: Visitor;
  before(async () => {
    const router = Router();
    router.get('/ticker', guard(), (req, res) =>
      sse(t.app, req, res, {
        topics: ['tick'],
        map: (payload) => ({ event: 'tick', data: payload }),
        snapshot: () => Promise.resolve([{ event: 'tick', data: 'first '.repeat(1_000) }]),
      }),
    );
    t = await testWeb({ areas: [{ name: 'ticker', router }] });
    site = await serve(t.web);
    admin = await t.signedIn('administrator');
  });
  after(async () => {
    await site?.close();
    await t?.close();
  });

  it('is compressed for whoever understands it', async () => {
    const page = await raw(`${site.url}/sign-in`, { 'accept-encoding': 'gzip' });
    assert.equal(page.headers['content-encoding'], 'gzip');
    page.resume();
    const plain = await raw(`${site.url}/sign-in`, { 'accept-encoding': 'identity' });
    assert.equal(plain.headers['content-encoding'], undefined);
    plain.resume();
  });

  it('is a live stream without delay: each event comes when it happens, unpacked', async () => {
    const cookie = admin.agent.jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString(); // prettier-ignore
    const stream = await raw(`${site.url}/ticker`, { 'accept-encoding': 'gzip, br', cookie });
    assert.equal(stream.statusCode, 200);
    assert.equal(stream.headers['content-encoding'], undefined);
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const heard = async (words: string) => {
      while (!text.includes(words)) await new Promise((resolve) => stream.once('data', resolve));
    };
    await heard('first');
    t.app.bus.publish('tick', 'second');
    await heard('second');
    stream.destroy();
  });

  it('forbids scripts and styles that are not ours, frames, sniffing, and telling others where the reader was', async () => {
    const page = await raw(`${site.url}/sign-in`, {});
    page.resume();
    const policy = String(page.headers['content-security-policy']);
    assert.doesNotMatch(policy, /unsafe-|\*/);
    for (const rule of [
      "default-src 'self'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ])
      // prettier-ignore
      assert.ok(policy.includes(rule), rule);
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['referrer-policy'], 'same-origin');
    assert.equal(page.headers['cache-control'], 'no-store');
    const nonce = /'nonce-([^']+)'/.exec(policy)![1];
    const again = await raw(`${site.url}/sign-in`, {});
    again.resume();
    assert.ok(!String(again.headers['content-security-policy']).includes(nonce!), 'a nonce is used once');
  });

  it('keeps files under the hash of their content for a year, and no others', async () => {
    const { text } = await admin.get('/sign-in');
    const named = /href="(\/assets\/app-[A-Z0-9]{8}\.css)"/.exec((await admin.get('/profile')).text + text);
    assert.ok(named, 'the stylesheet has a hashed name (bin/build.mjs makes it)');
    const css = await raw(site.url + named[1]!, { 'accept-encoding': 'gzip' });
    css.resume();
    assert.match(String(css.headers['cache-control']), /max-age=31536000, immutable/);
    assert.equal(css.headers['content-encoding'], 'gzip');
    const icon = await raw(`${site.url}/assets/icon.svg`, {});
    icon.resume();
    assert.equal(icon.headers['cache-control'], 'no-cache');
  });
});
