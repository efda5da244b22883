import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { createGate, createLateCheckProbe, type Gate } from '../../../campaigns/compliance/index.ts';
import type { GateRequest } from '../../../campaigns/compliance/gate.ts';
import { addLeads, makeCampaign } from '../fixtures.ts';
import { testApp, type TestApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { mariadb } from '../../support/servers.ts';
import { skip } from '../../support/skip.ts';
import { tcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

describe('the gate before a database that is slow', function () {
  this.timeout(180_000);
  let door: TcpProxy;
  let app: TestApp;
  let gate: Gate;

  before(async function () {
    const server = await mariadb();
    if (!server) skip(this, 'MariaDB is not installed');
    const address = new URL(await server.createDatabase());
    door = await tcpProxy(Number(address.port));
    address.port = String(door.port);
    app = await testApp({ config: { databaseUrl: address.toString() } });
    gate = createGate(app);
    // Connections are there already, as in a dialer that has been at work.
    await Promise.all(Array.from({ length: 6 }, () => app.db.knex.raw('select sleep(0.05)')));
  });
  afterEach(() => door?.delay(0));
  after(async () => {
    await app?.close();
    await door?.close();
  });

  const answered: GateRequest = {
    ...{ e164: '+14155550101', stage: 'connect', path: 'predictive', campaignId: null, callId: 'c1' },
  };
  const asked = async () => {
    let slow = 0;
    const may = await gate.mayConnect(answered, () => (slow += 1));
    return [may, slow];
  };

  it('fault: each query takes 200 ms – an answered call is let through in time', async () => {
    door.delay(200);
    assert.deepEqual(await asked(), ['yes', 0]);
    assert.equal(await createLateCheckProbe(app)(), true);
  });

  it('fault: each query takes 700 ms – the answer comes all the same, and is told to be slow once', async () => {
    door.delay(700);
    assert.deepEqual(await asked(), ['yes', 1]);
    assert.equal(await createLateCheckProbe(app)(), false);
  });

  it('fault: a look about nobody is not back yet – no second one is sent after it', async () => {
    let sent = 0;
    const note = () => (sent += 1);
    const looks = createLateCheckProbe(app);
    door.delay(700);
    app.db.knex.on('query', note);
    try {
      assert.equal(await looks(), false);
      const ofOne = sent;
      assert.equal(await looks(), false);
      assert.equal(sent, ofOne);
    } finally {
      app.db.knex.removeListener('query', note);
    }
    door.delay(0);
    await eventually(async () => assert.equal(await looks(), true));
  });

  it('fault: each query takes 200 ms – whether a call may be dialled is known before the leave would be stale', async () => {
    const campaignId = await makeCampaign(app);
    const [leadId] = await addLeads(app, campaignId, [{ phones: ['+12125550101'] }]);
    door.delay(200);
    const began = performance.now();
    const [verdict] = await gate.mayCallMany([
      { e164: '+12125550101', stage: 'dial', path: 'predictive', campaignId, leadId, callId: 'c2' },
    ]);
    const ms = performance.now() - began;
    assert.notEqual(verdict!.reasonCode, 'FACTS_UNAVAILABLE');
    assert.ok(ms < 2_800, `after ${ms} ms, with a round trip for each fact`);
  });
});
