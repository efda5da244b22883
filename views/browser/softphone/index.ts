import { PlainPhone } from './plain-phones.ts';
import type { SipPhoneOptions } from './sip-phone.ts';
import type { Phone, PhoneConfig } from './phone.ts';

export type { Phone, PhoneConfig, PhoneState } from './phone.ts';

/** The phone of that kind. JsSIP is loaded only where it is needed. */
export async function createPhone(config: PhoneConfig, options: SipPhoneOptions): Promise<Phone> {
  if (config.kind !== 'webrtc') return new PlainPhone(config.kind);
  const { SipPhone } = await import('./sip-phone.ts');
  return new SipPhone(config, options);
}
