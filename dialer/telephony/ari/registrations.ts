import type { RegistrationState } from '../telephony.ts';
import { ariText, type AriAccess } from './http.ts';

/** Under this address of Asterisk's HTTP server its figures lie: ARI itself tells nothing of registrations. */
export const figuresPath = '/metrics';

const line =
  /^asterisk_pjsip_outbound_registration_status\{.*?username="([^"]*)".*?domain="([^"]*)".*?\} (\d)/gm;
const states: readonly RegistrationState[] = ['unregistered', 'registered', 'rejected'];

export interface RegistrationRow {
  clientUri: string;
  serverUri: string;
  state: RegistrationState;
}

/** What Asterisk says of all that it registers. @throws where it does not tell */
export async function readRegistrations(access: AriAccess, timeoutMs: number): Promise<RegistrationRow[]> {
  const text = await ariText(access, { base: '', path: figuresPath, timeoutMs });
  return [...text.matchAll(line)].flatMap(([, clientUri = '', serverUri = '', digit]) => {
    const state = states[Number(digit)];
    return state ? [{ clientUri, serverUri, state }] : [];
  });
}
