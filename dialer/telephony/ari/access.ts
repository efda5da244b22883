import { AriStatusError } from './errors.ts';
import { ariJson, type AriAccess } from './http.ts';
import { TelephonyError } from '../telephony.ts';

/** Says in words what keeps us out, when ARI has answered with this status to a request that anyone may make. */
export function refusedAccess(status: number, { url, user }: AriAccess): TelephonyError {
  if (status === 401 || status === 403)
    return new TelephonyError(
      'unauthorized',
      `Asterisk at ${url} refuses the ARI user "${user}" (${status}): check ASTERISK_USER and ASTERISK_PASSWORD against the user's section in ari.conf, and that it is not read_only.`,
    );
  if (status === 404)
    return new TelephonyError(
      'refused',
      `${url} answers, but has no ARI there: check enabled=yes in ari.conf and http.conf, that no prefix is set in http.conf, and that res_ari is loaded.`,
    );
  return new TelephonyError('unavailable', `Asterisk at ${url} is not ready yet (${status}).`);
}

/** As `refusedAccess` for an error of that kind; any other stays as it is. */
export function accessError(error: unknown, access: AriAccess): unknown {
  return error instanceof AriStatusError ? refusedAccess(error.status, access) : error;
}

/** Asks once, with the credentials. @throws TelephonyError that says what keeps us out */
export async function tryAsterisk(access: AriAccess, timeoutMs: number): Promise<void> {
  try {
    await ariJson(access, { path: '/asterisk/ping', timeoutMs });
  } catch (error) {
    throw accessError(error, access);
  }
}
