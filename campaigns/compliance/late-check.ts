import type { App } from '../../core/app.ts';
import { createDncStore } from '../dnc/dnc-store.ts';
import { answeredWithin } from './answered-within.ts';
import { createConsentStore } from './consents/consent-store.ts';
import type { GateRequest } from './gate.ts';
import { createSuspensionStore } from './suspensions/suspension-store.ts';

/** A person hears silence meanwhile. */
export const connectWithinMs = 500;

/**
 * Has something been written down that may forbid a call in progress? Three looks into an index, as a person waits on
 * the line; what exactly it means is then for the gate to say.
 */
export function createLateCheck(app: Pick<App, 'db' | 'bus'>) {
  const dnc = createDncStore(app);
  const consents = createConsentStore(app);
  const suspensions = createSuspensionStore(app);

  return async (request: GateRequest, now: number): Promise<boolean> => {
    const { e164, campaignId, customerId } = request;
    const [listed, active, lines] = await Promise.all([
      dnc.contains(e164, campaignId, now),
      suspensions.active(now),
      consents.linesOf(customerId == null ? [] : [customerId], [e164]),
    ]);
    return listed !== null || active.length > 0 || lines.some(({ revokedAt }) => revokedAt !== null);
  };
}

/** Exists nowhere, so that nothing is on record about it. */
const nobody: GateRequest = {
  ...{ e164: '+0', customerId: 0, stage: 'connect', path: 'predictive', campaignId: null },
};

/**
 * Whether the database would say in time of an answered call whether it may be connected. Asks about nobody, and never
 * again before the last look has come back: a database that is slow is not to be made slower.
 */
export function createLateCheckProbe(app: Pick<App, 'db' | 'bus' | 'clock'>): () => Promise<boolean> {
  const look = createLateCheck(app);
  let looking: Promise<unknown> | null = null;
  return async () => {
    if (looking) return false;
    const now = look(nobody, app.clock.now());
    looking = now.catch(() => {}).finally(() => (looking = null));
    return answeredWithin(now, connectWithinMs).then(
      () => true,
      () => false,
    );
  };
}
