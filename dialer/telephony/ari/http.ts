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

export interface AriRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `base`, with its query. */
  path: string;
  /** Of Asterisk's HTTP server; `/ari` when absent. */
  base?: string;
  body?: object;
  timeoutMs: number;
}

/**
 * A plain request beside ari-client, for what that cannot do: learn the status before a client exists, and pass a
 * recording on as a stream. Rejects with AriStatusError for any status but 2xx, TelephonyError otherwise.
 */
export function ariRequest(access: AriAccess, request: AriRequest): Promise<http.IncomingMessage> {
  const { method = 'GET', base = '/ari', path, body, timeoutMs } = request;
  const url = new URL(`${base}${path}`, access.url);
  const sender = url.protocol === 'https:' ? https : http;
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const auth = `${access.user}:${access.password}`;
    const call = sender.request(url, { method, auth, headers, agent: false }, (response) => {
      clearTimeout(timer);
      // A body that stops coming is given up as well.
      response.setTimeout(timeoutMs, () => response.destroy(late(url.host, timeoutMs)));
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) resolve(response);
      else readText(response).then((text) => reject(new AriStatusError(status, text)), reject);
    });
    const timer = setTimeout(() => {
      call.destroy(late(url.host, timeoutMs));
    }, timeoutMs);
    call.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const known = error instanceof TelephonyError;
      const fault = error.code === 'ECONNREFUSED' ? 'not-running' : 'unavailable';
      reject(known ? error : new TelephonyError(fault, unreachable(url.host, error)));
    });
    call.end(body ? JSON.stringify(body) : undefined);
  });
}

export async function ariText(access: AriAccess, request: AriRequest): Promise<string> {
  return readText(await ariRequest(access, request));
}

/** The answer as JSON; undefined when it has no body. */
export async function ariJson<T>(access: AriAccess, request: AriRequest): Promise<T> {
  const text = await ariText(access, request);
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new TelephonyError('refused', `${access.url} answers, but not as Asterisk's ARI does.`);
  }
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function late(host: string, timeoutMs: number): TelephonyError {
  return new TelephonyError('timeout', `Asterisk at ${host} gave no answer in ${timeoutMs / 1000} s.`);
}

function unreachable(host: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED')
    return `Nothing listens at ${host}: is Asterisk running, with http.conf enabled on that address and port?`;
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return `The host name of ${host} cannot be resolved: check ASTERISK_URL.`;
  if (/CERT|ISSUER|SIGNATURE/.test(error.code ?? ''))
    return `The certificate of ${host} is not trusted (${error.code}): where an authority of your own has issued it, name that authority's file in the environment as NODE_EXTRA_CA_CERTS; ASTERISK_URL must name the host as the certificate does.`;
  if (error.code === 'EPROTO')
    return `${host} does not speak https: check whether ASTERISK_URL names the port for it (tlsbindaddr in http.conf).`;
  return `Asterisk at ${host} cannot be reached: ${error.code ?? error.message}.`;
}
