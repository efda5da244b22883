import { PlainPhone } from './plain-phones.ts';
import type { Phone, PhoneConfig, PhoneOptions } from './phone.ts';

export { AwaitedPhone } from './awaited-phone.ts';
export type { Phone, PhoneConfig, PhoneState } from './phone.ts';

/** The phone of that kind. JsSIP is loaded only where it is needed. */
export async function createPhone(config: PhoneConfig, options: PhoneOptions): Promise<Phone> {
  if (config.kind !== 'webrtc') return new PlainPhone(config.kind);
  const { SipPhone } = await import('./sip-phone.ts');
  return new SipPhone(config, options);
}
