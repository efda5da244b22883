import type { App } from '../../core/app.ts';
import { createDncStore } from '../dnc/dnc-store.ts';
import { createConsentStore } from './consents/consent-store.ts';
import type { GateRequest } from './gate.ts';
import { createSuspensionStore } from './suspensions/suspension-store.ts';

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
    if (await dnc.contains(e164, campaignId, now)) return true;
    if ((await suspensions.active(now)).length > 0) return true;
    const lines = await consents.linesOf(customerId == null ? [] : [customerId], [e164]);
    return lines.some(({ revokedAt }) => revokedAt !== null);
  };
}
