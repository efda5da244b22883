import { asteriskObstacle, startTestAsterisk } from '../../test/support/asterisk.ts';
import { SippCarrier } from '../../test/support/sipp/sipp.ts';
import type { EndpointSpec } from '../../dialer/telephony/index.ts';
import type { Switch } from './stage.ts';

/** A real Asterisk with SIPp behind it: customers on `trunk-1`, and phones that stay up on `phones`. */
export async function asteriskSwitch(): Promise<Switch> {
  const why = await asteriskObstacle();
  if (why) throw new Error(why);
  const probe = await startCarriers();
  const trunk = (name: string, port: number): EndpointSpec => ({
    ...{ kind: 'trunk', name, host: '127.0.0.1', port, transport: 'udp', username: null, password: null },
    ...{ register: false, loginInFrom: false, codecs: ['ulaw'] },
  });
  const asterisk = await startTestAsterisk(
    [trunk('trunk-1', probe.customers.port), trunk('phones', probe.phones.port)],
    // Each leg takes two ports; the tests' own range is enough for 250 legs only.
    { rtp: { from: 10_000, to: 19_999 } },
  );
  return {
    access: asterisk.access,
    carrierPort: probe.customers.port,
    // Phones that are silent: what is measured is the way to them, not what a switch can mix.
    phoneOf: (n) => `PJSIP/9${String(n).padStart(4, '0')}12@phones`,
    async close() {
      await asterisk.close();
      await probe.customers.close();
      await probe.phones.close();
    },
  };
}

async function startCarriers() {
  const { asteriskRoot } = await import('../../dialer/telephony/asterisk/root.ts');
  const root = asteriskRoot(process.env);
  return { customers: await SippCarrier.start(root), phones: await SippCarrier.start(root) };
}
