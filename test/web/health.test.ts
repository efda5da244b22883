import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { App } from '../../core/app.ts';
import { checkHealth } from '../../web/operations/health.ts';
import { testApp, type TestApp } from '../support/app.ts';

describe('what is wrong with the product', () => {
  let real: TestApp;
  before(async () => {
    real = await testApp();
  });
  after(() => real.close());

  it('is logged once for each reason, however often somebody asks', async () => {
    const lines: string[] = [];
    const write = (level: string) => (fields: { part: string; reason?: string; err?: Error }) =>
      void lines.push(`${level} ${fields.part}: ${fields.reason ?? fields.err!.message}`);
    let down = new Error('no answer');
    const log = { warn: write('warn'), debug: write('debug') };
    const db = { ping: () => Promise.reject(down) };
    const app = { ...real, db, log } as unknown as App;
    const area = () => Promise.reject(new Error('wrong password'));
    const ask = () => checkHealth(app, [{ name: 'switch', labelKey: 'x', check: area }]);
    for (let time = 0; time < 5; time++) assert.equal((await ask()).ok, false);
    assert.deepEqual(lines.sort(), ['debug switch: wrong password', 'warn database: no answer']);
    down = new Error('too many connections');
    await ask();
    assert.equal(lines.length, 3);
  });
});
