/** The carrier simulator in a process of its own, as Asterisk is: prints its address, ends with its parent. */
import { systemClock } from '../../core/clock/clock.ts';
import { createLog } from '../../core/log/log.ts';
import { startSimulator } from '../../dialer/telephony/index.ts';

const simulator = await startSimulator({
  clock: systemClock,
  log: createLog('silent'),
  behaviour: 'by-number',
  usualLimits: { channels: 10_000, callsPerSecond: 10_000 },
});
process.send?.({ url: simulator.url, user: simulator.user, password: simulator.password });
process.on('disconnect', () => process.exit());
