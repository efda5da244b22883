import { scaledClock } from '../../../core/clock/clock.ts';
import { createLog } from '../../../core/log/log.ts';
import { createAriTelephony, startSimulator } from '../../../dialer/telephony/index.ts';
import { telephonyContract } from './contract.ts';

telephonyContract('the simulator', async () => {
  const clock = scaledClock(20);
  const log = createLog('silent');
  const simulator = await startSimulator({
    clock,
    log,
    behaviour: 'by-number',
    carriers: { 'trunk-1': { channels: 10, callsPerSecond: 1000 } },
  });
  const telephony = createAriTelephony({ ...simulator, clock, log });
  await telephony.connect();
  return {
    telephony,
    customer: (digits) => `PJSIP/+120255501${digits}@trunk-1`,
    agent: 'PJSIP/agent-1',
    callIn: async (from, to) => void simulator.callIn(from, to),
    async close() {
      await telephony.close();
      await simulator.close();
    },
  };
});
