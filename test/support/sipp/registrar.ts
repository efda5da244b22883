import { createHash, randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** What a carrier's registrar says to a login: a status for all of them, or which password is the right one. */
export type RegistrarRule = { status: number } | { password: string };

/** A carrier's registrar, which asks for a login and can be told what to say to it. */
export class Registrar {
  readonly #socket: Socket = createSocket('udp4');
  rule: RegistrarRule;
  /** What it has said to logins, oldest first. */
  readonly said: number[] = [];

  private constructor(rule: RegistrarRule) {
    this.rule = rule;
  }

  static async open(rule: RegistrarRule): Promise<Registrar> {
    const registrar = new Registrar(rule);
    await new Promise<void>((resolve) => registrar.#socket.bind(0, '127.0.0.1', resolve));
    registrar.#socket.on('message', (packet, from) => {
      const answer = registrar.#answerTo(packet.toString('utf8'));
      if (answer) registrar.#socket.send(answer, from.port, from.address);
    });
    return registrar;
  }

  get port(): number {
    return (this.#socket.address() as AddressInfo).port;
  }

  close(): void {
    this.#socket.close();
  }

  #answerTo(request: string): string | null {
    if (request.startsWith('OPTIONS ')) return response(request, 200, []);
    if (!request.startsWith('REGISTER ')) return null;
    const shown = /^Authorization: *Digest (.*)$/im.exec(request)?.[1];
    const challenge = `WWW-Authenticate: Digest realm="carrier", nonce="${randomUUID()}", algorithm=MD5`;
    if (shown === undefined) return response(request, 401, [challenge]);
    const status = 'status' in this.rule ? this.rule.status : isRight(shown, this.rule.password) ? 200 : 401;
    this.said.push(status);
    const contact = /^Contact: *.*$/im.exec(request)?.[0] ?? '';
    if (status === 200) return response(request, 200, [contact, 'Expires: 300']);
    return response(request, status, status === 401 ? [challenge] : []);
  }
}

function isRight(shown: string, password: string): boolean {
  const value = (name: string) => new RegExp(`${name}="?([^",]*)"?`).exec(shown)?.[1] ?? '';
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const mine = md5(`${value('username')}:${value('realm')}:${password}`);
  return value('response') === md5(`${mine}:${value('nonce')}:${md5(`REGISTER:${value('uri')}`)}`);
}

function response(request: string, status: number, headers: string[]): string {
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(request)?.[0]?.trim() ?? '';
  const same = ['Via', 'From', 'Call-ID', 'CSeq'].map(header);
  const to = `${header('To')};tag=registrar`;
  return [`SIP/2.0 ${status} Said`, ...same, to, ...headers, 'Content-Length: 0', '', ''].join('\r\n');
}
