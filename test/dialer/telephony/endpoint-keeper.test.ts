import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createLog } from '../../../core/log/log.ts';
import { EndpointKeeper } from '../../../dialer/telephony/ari/endpoint-keeper.ts';
import { AriStatusError } from '../../../dialer/telephony/ari/errors.ts';
import type { EndpointSpec } from '../../../dialer/telephony/telephony.ts';

type Parts = ConstructorParameters<typeof EndpointKeeper>;

describe('endpoints that are put on the switch again', () => {
  it('fault: it refuses one now that it took before – all others come back', async () => {
    let refuses = '';
    const put = new Set<string>();
    const connection = {
      async call(_resource: string, operation: string, { id }: { id: string }) {
        if (operation === 'getObject') return [];
        if (refuses && id.includes(refuses)) throw new AriStatusError(400, 'no such transport');
        return put.add(id);
      },
    };
    const operations = {
      do: async () => [],
      doOrGone: async () => {},
      orGone: (asked: Promise<unknown>) => asked,
    };
    const [app, log] = ['ringwise', createLog('silent')];
    const keeper = new EndpointKeeper(
      app,
      connection as unknown as Parts[1],
      operations as unknown as Parts[2],
      log,
    );
    const names = ['agent-1', 'agent-2', 'agent-3'];
    for (const name of names)
      await keeper.put({ kind: 'webrtc-agent', name, password: 'secret' } as EndpointSpec);
    put.clear();
    refuses = 'agent-2';
    await keeper.restore();
    assert.deepEqual(
      names.filter((name) => put.has(name)),
      ['agent-1', 'agent-3'],
    );
  });
});
