import type { App } from '../../core/app.ts';
import { createDialer, type Dialer } from '../../dialer/index.ts';
import { createAriTelephony, startSimulator, type Simulator } from '../../dialer/telephony/index.ts';

export interface DialerPart {
  dialer: Dialer;
  /** Null with a real Asterisk. */
  simulator: Simulator | null;
  close(): Promise<void>;
}

/** About as often as detection is wrong where it is well set. */
const amdErrors = { personAsMachine: 0.02, machineAsPerson: 0.1 };

/** The dialer with its switch: the Asterisk of the settings, or a simulator of its own. `nameFree`: see `DialerOptions`. */
export async function startDialerPart(app: App, nameFree?: () => void): Promise<DialerPart> {
  const { asterisk } = app.config;
  const { clock, log } = app;
  const simulator = asterisk ? null : await startSimulator({ clock, log, amdErrors });
  const access = asterisk ?? simulator!;
  const { url, user, password } = access;
  const dialer = createDialer(app, {
    telephony: createAriTelephony({ url, user, password, clock, log }),
    agentsPhone: simulator ? 'simulated' : 'real',
    ...(nameFree ? { nameFree } : {}),
  });
  await dialer.start();
  return {
    dialer,
    simulator,
    async close() {
      await dialer.close();
      await simulator?.close();
    },
  };
}
