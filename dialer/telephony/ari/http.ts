import http from 'node:http';
import https from 'node:https';
import { TelephonyError } from '../telephony.ts';
import { AriStatusError } from './errors.ts';

export interface AriAccess {
  /** `http://host:8088` or `https://…`, without `/ari`. */
  url: string;
  user: string;
  password: string;
}

/**
 * A plain GET beside ari-client, for what that cannot do: learn the status before a client exists, and pass a
 * recording on as a stream. Rejects with AriStatusError for any status but 200, TelephonyError otherwise.
 */
export function ariGet(access: AriAccess, path: string, timeoutMs: number): Promise<http.IncomingMessage> {
  const url = new URL(`/ari${path}`, access.url);
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const call = request(url, { auth: `${access.user}:${access.password}`, agent: false }, (response) => {
      clearTimeout(timer);
      if (response.statusCode === 200) resolve(response);
      else
        readText(response).then((body) => reject(new AriStatusError(response.statusCode ?? 0, body)), reject);
    });
    const timer = setTimeout(() => {
      call.destroy(
        new TelephonyError('timeout', `Asterisk at ${url.host} gave no answer in ${timeoutMs / 1000} s.`),
      );
    }, timeoutMs);
    call.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(
        error instanceof TelephonyError
          ? error
          : new TelephonyError('unavailable', unreachable(url.host, error)),
      );
    });
    call.end();
  });
}

export async function ariGetJson<T>(access: AriAccess, path: string, timeoutMs: number): Promise<T> {
  const body = await readText(await ariGet(access, path, timeoutMs));
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new TelephonyError('refused', `${access.url} answers, but not as Asterisk's ARI does.`);
  }
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function unreachable(host: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED')
    return `Nothing listens at ${host}: is Asterisk running, with http.conf enabled on that address and port?`;
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return `The host name of ${host} cannot be resolved: check ASTERISK_URL.`;
  return `Asterisk at ${host} cannot be reached: ${error.code ?? error.message}.`;
}
