import { z } from 'zod';

/** A SIP header that a carrier reads of each call; `{number}` and `{callerId}` in its value are filled in. */
export interface SipHeader {
  readonly name: string;
  readonly value: string;
}

/**
 * What the switch writes itself, or what belongs to a single message: given twice, or given by hand, a call fails or is
 * not what it says. An Identity is signed anew for each call by whoever holds the certificate, and holds for a minute.
 */
const switchs = new Set([
  ...['via', 'from', 'to', 'contact', 'call-id', 'cseq', 'max-forwards', 'route', 'record-route', 'path'],
  ...['content-type', 'content-length', 'content-encoding', 'content-disposition', 'mime-version'],
  ...['allow', 'allow-events', 'accept', 'supported', 'require', 'proxy-require', 'unsupported', 'expires'],
  ...['session-expires', 'min-se', 'event', 'replaces', 'refer-to', 'referred-by', 'reason', 'date'],
  ...['authorization', 'proxy-authorization', 'www-authenticate', 'proxy-authenticate', 'rack', 'rseq'],
  ...['user-agent', 'server', 'privacy', 'p-asserted-identity', 'remote-party-id', 'identity'],
  // Short forms
  ...['v', 'f', 't', 'm', 'i', 'c', 'l', 'e', 'k', 'u', 'o', 'x', 'r', 'b', 's', 'y'],
]);

const placeholders = ['number', 'callerId'] as const;

export const sipHeaderSchema = z.object({
  name: z
    .string()
    .trim()
    .max(60)
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'dialer:errors.headerName')
    .refine((name) => !switchs.has(name.toLowerCase()), 'dialer:errors.headerSwitchs'),
  // What is not of ASCII, or breaks the line, would end the header or begin another.
  value: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[\x20-\x7e]*$/, 'dialer:errors.headerValue')
    .refine(
      (value) =>
        [...value.matchAll(/\{([^}]*)\}?/g)].every(
          ([whole, name]) => whole.endsWith('}') && placeholders.some((known) => known === name),
        ),
      'dialer:errors.headerPlaceholder',
    ),
});

/** The headers of one call. A number is only `+` and digits, so that it cannot write anything else into them. */
export function headersFor(
  headers: readonly SipHeader[],
  call: { readonly number: string; readonly callerId: string },
): Record<string, string> {
  const plain = (text: string) => text.replace(/[^+0-9*#]/g, '');
  return Object.fromEntries(
    headers.map(({ name, value }) => [
      name,
      value.replaceAll('{number}', plain(call.number)).replaceAll('{callerId}', plain(call.callerId)),
    ]),
  );
}
