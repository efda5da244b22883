import { before, describe } from 'mocha';
import { systemClock } from '../../../core/clock/clock.ts';
import { createLog } from '../../../core/log/log.ts';
import { createAriTelephony, type EndpointSpec } from '../../../dialer/telephony/index.ts';
import { asteriskObstacle, startTestAsterisk } from '../../support/asterisk.ts';
import { CallingCustomer, SippCarrier } from '../../support/sipp/sipp.ts';
import { skip } from '../../support/skip.ts';
import { telephonyContract } from './contract.ts';

describe('on a real Asterisk', function () {
  before(async function () {
    this.timeout(300_000);
    const why = await asteriskObstacle();
    if (why) skip(this, why);
  });

  telephonyContract('Asterisk', async () => {
    const { root } = await import('../../../dialer/telephony/asterisk/root.ts').then((module) => ({
      root: module.asteriskRoot(process.env),
    }));
    const carrier = await SippCarrier.start(root);
    const trunk = (name: string): EndpointSpec => ({
      kind: 'trunk',
      name,
      host: '127.0.0.1',
      port: carrier.port,
      transport: 'udp',
      username: null,
      password: null,
      register: false,
      codecs: ['ulaw'],
    });
    const asterisk = await startTestAsterisk([trunk('trunk-1'), trunk('agent-1')]);
    const log = createLog(process.env['LOG_LEVEL'] ?? 'silent');
    const telephony = createAriTelephony({ ...asterisk.access, clock: systemClock, log });
    await telephony.connect();
    const callers: CallingCustomer[] = [];
    return {
      telephony,
      customer: (digits) => `PJSIP/+120255501${digits}@trunk-1`,
      agent: 'PJSIP/agent-1',
      async callIn(from, number) {
        callers.push(
          await CallingCustomer.start(root, { host: '127.0.0.1', port: asterisk.sipPort, number }, from),
        );
      },
      async close() {
        await telephony.close();
        for (const caller of callers) await caller.close();
        await asterisk.close();
        if (process.env['LOG_LEVEL']) console.log(carrier.errors());
        await carrier.close();
      },
    };
  });
});
