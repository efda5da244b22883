import { createLog } from '../../core/log/log.ts';
import { systemClock } from '../../core/clock/clock.ts';
import { createAriTelephony } from '../../dialer/telephony/index.ts';
import { pause, type Access } from './stage.ts';

/** GET requests a second that the switch answers to `parallel` plain loops over kept connections. */
export async function bareHttp(access: Access, seconds: number, parallel = 16): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`;
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const loop = async () => {
    while (performance.now() < end) {
      const response = await fetch(`${access.url}/ari/asterisk/ping`, { headers: { authorization } });
      await response.arrayBuffer();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, loop));
  return done / seconds;
}

/** From the answer's event to the end of one addToBridge, with nothing else in the process: milliseconds. */
export async function bareJoin(
  access: Access,
  endpoint: (n: number) => string,
  perSecond: number,
  seconds: number,
): Promise<number[]> {
  const telephony = createAriTelephony({
    ...access,
    app: 'bare',
    clock: systemClock,
    log: createLog('silent'),
  });
  await telephony.connect();
  const times: number[] = [];
  await telephony.createBridge('bare', 'mixing');
  telephony.on((event) => {
    if (event.type !== 'answered') return;
    const begun = performance.now();
    telephony
      .addToBridge('bare', [event.channelId])
      .then(() => times.push(performance.now() - begun))
      .then(() => telephony.hangup(event.channelId))
      .catch(() => {});
  });
  for (let n = 0; n < perSecond * seconds; n++) {
    telephony
      .originate({ channelId: `bare-${n}`, endpoint: endpoint(n), callerId: '', ringTimeoutMs: 20_000 })
      .catch(() => {});
    await pause(1000 / perSecond);
  }
  await pause(2_000);
  await telephony.destroyBridge('bare');
  await telephony.close();
  return times;
}
