import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { KeptCurrent } from '../../../dialer/engine/kept-current.ts';
import { testApp } from '../../support/app.ts';
import { dialerRig, type DialerRig } from '../../support/dialer-rig.ts';

const readAgainMs = 30_000;

describe('what a dialer knows of trunks and users', () => {
  let rig: DialerRig;

  beforeEach(async () => {
    rig = await dialerRig();
  });
  afterEach(() => rig.close());

  it('fault: the word of a change is lost on the bus – a trunk and a disabled account are read anew by the clock', async () => {
    const { knex } = rig.app.db;
    const trunkId = await rig.trunk('One', { channels: 10 });
    const ann = await rig.agent('ann');
    await rig.dialer.start();
    await rig.ready(ann);
    const channels = () => rig.dialer.status().trunks.find(({ id }) => id === trunkId)?.channels;
    assert.equal(channels(), 10);
    const now = rig.app.clock.now();
    await knex('trunks').where({ id: trunkId }).update({ channels: 4, updated_at: now });
    await knex('users').where({ id: ann }).update({ disabled_at: now });
    await rig.until('the trunk is known as it is', () => channels() === 4, readAgainMs + 5_000, 250);
    await rig.until('ann is out', () => rig.dialer.status().agents === 0, 5_000, 250);
  });

  it('fault: the trunks cannot be read while the switch comes – it is reconciled all the same, and told of them later', async () => {
    const { knex } = rig.app.db;
    const trunkId = await rig.trunk('One', { channels: 10 });
    const ann = await rig.agent('ann');
    await rig.dialer.start();
    await rig.signIn(ann);
    await knex.schema.renameTable('trunks', 'trunks_away');
    await rig.killSwitch();
    await rig.until('the switch is away', () => rig.dialer.status().switch !== 'up');
    await rig.startSwitch();
    await rig.until('the phone is up again', async () => (await rig.snapshot(ann)).phone === 'up');
    await knex.schema.renameTable('trunks_away', 'trunks');
    await knex('trunks')
      .where({ id: trunkId })
      .update({ channels: 3, updated_at: rig.app.clock.now() + 1 });
    await rig.until(
      'the trunk is read',
      () => rig.dialer.status().trunks[0]?.channels === 3,
      readAgainMs + 5_000,
      250,
    );
  });
});

describe('KeptCurrent', () => {
  it('fault: a reading is slow while a change is told – one reading at a time, and the last began after the change', async () => {
    const app = await testApp();
    const finish: (() => void)[] = [];
    let underWay = 0;
    const current = new KeptCurrent(app, 'things', async () => {
      assert.equal((underWay += 1), 1, 'two at once');
      await new Promise<void>((resolve) => finish.push(resolve));
      underWay -= 1;
      if (finish.length === 1) throw new Error('read badly');
    });
    const first = current.read();
    const [second, third] = [current.read(), current.read()];
    assert.equal(finish.length, 1);
    finish[0]!();
    while (finish.length < 2) await new Promise(setImmediate);
    finish[1]!();
    await Promise.all([first, second, third]);
    assert.equal(finish.length, 2);
    await app.close();
  });
});
