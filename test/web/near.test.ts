import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import express from 'express';
import request from 'supertest';
import { trustNearestProxy } from '../../web/middleware/near.ts';

describe('the address of a visitor behind a proxy', () => {
  const web = express();
  web.set('trust proxy', trustNearestProxy);
  web.get('/', (req, res) => void res.send(req.ip));
  const seen = async (forwarded: string) =>
    (await request(web).get('/').set('x-forwarded-for', forwarded)).text;

  it('is the one that the proxy wrote, whatever the visitor wrote before it', async () => {
    assert.equal(await seen('10.0.0.5'), '10.0.0.5');
    assert.equal(await seen('8.8.8.8, 10.0.0.5'), '10.0.0.5');
    assert.equal(await seen('8.8.8.8, 127.0.0.1'), '127.0.0.1');
  });

  it('is that of who connects, where that one is no neighbour', () => {
    for (const near of ['127.0.0.1', '::1', '::ffff:10.1.2.3', '172.31.0.1', 'fd00::1', 'fe80::1'])
      assert.ok(trustNearestProxy(near, 0), near);
    for (const far of ['8.8.8.8', '172.32.0.1', '2001:db8::1', '::ffff:9.9.9.9'])
      assert.ok(!trustNearestProxy(far, 0), far);
    assert.ok(!trustNearestProxy('10.1.2.3', 1));
  });
});
