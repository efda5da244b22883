import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** How to reach a server, and by what its certificate is judged. */
export interface MariadbAddress {
  readonly socketPath: string | null;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Null: in clear. */
  readonly tls: { readonly ca: string | undefined; readonly verifyIdentity: boolean } | null;
}

const known = ['ssl', 'ssl-ca', 'socketPath'];

/**
 * Reads a `mysql://` or `mariadb://` address, and the certificate that it names. What is asked for and not known is
 * refused: whoever asks for TLS must not be connected without. @throws Error in words that continue the setting's name
 */
export function mariadbAddress(text: string): MariadbAddress {
  const url = new URL(text);
  const given = (name: string) => url.searchParams.get(name);
  const unknown = [...url.searchParams.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(
      `asks for "${unknown}", which is not known: after the ? there may be ${known.join(', ')}`,
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    socketPath: given('socketPath'),
    host,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls: tlsOf(host, given('ssl'), given('ssl-ca')),
  };
}

function tlsOf(host: string, ssl: string | null, caFile: string | null): MariadbAddress['tls'] {
  if (ssl !== null && !['true', 'false'].includes(ssl)) throw new Error('wants ssl=true or ssl=false');
  if (caFile === null) {
    if (ssl !== 'true') return null;
    if (isIP(host) !== 0)
      throw new Error('with ssl=true wants the server’s name, as its certificate has it, or ssl-ca=FILE');
    return { ca: undefined, verifyIdentity: true };
  }
  if (ssl === 'false') throw new Error('has ssl-ca and ssl=false, which exclude each other');
  try {
    // A number is in hardly any certificate: who issued it has to do.
    return { ca: readFileSync(caFile, 'utf8'), verifyIdentity: isIP(host) === 0 };
  } catch (error) {
    throw new Error(`names a certificate that cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
