import assert from 'node:assert/strict';
import { beforeEach, it } from 'mocha';
import { PhoneHolderStore } from '../../../dialer/phone-holders/index.ts';
import { onBothEngines } from '../../campaigns/engines.ts';

onBothEngines('who holds a phone', (app) => {
  let userId = 40;
  const store = () => new PhoneHolderStore(app().db);
  const take = (browser: string) => store().take(userId, browser, app().clock.now());

  beforeEach(() => void (userId += 1));

  it('is nobody at first, and then who took it last, with a turn for each time', async () => {
    assert.equal(await store().get(userId), null);
    assert.deepEqual(await take('one'), { browser: 'one', turn: 1 });
    assert.deepEqual(await take('two'), { browser: 'two', turn: 2 });
    assert.deepEqual(await take('two'), { browser: 'two', turn: 3 });
    assert.deepEqual(await store().get(userId), { browser: 'two', turn: 3 });
    assert.equal(await store().get(userId + 1000), null, 'of another user');
  });

  it('is one of those who take it at the same moment, each with a turn of its own', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const taken = await Promise.all(names.map((name) => take(name)));
    assert.deepEqual(taken.map(({ turn }) => turn).sort(), [1, 2, 3, 4, 5]);
    const last = taken.find(({ turn }) => turn === 5);
    assert.deepEqual(await store().get(userId), last);
  });
});
