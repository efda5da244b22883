import { createHash, randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

/** A SIP phone that can do nothing but say that it is there, also when it is asked (OPTIONS). */
export class RegisteringPhone {
  readonly #socket: Socket = createSocket('udp4');
  readonly #registrar: { host: string; port: number };
  readonly #user: string;
  readonly #password: string;
  readonly #callId = randomUUID();
  #sequence = 0;

  private constructor(registrar: { host: string; port: number }, user: string, password: string) {
    this.#registrar = registrar;
    this.#user = user;
    this.#password = password;
  }

  static async open(
    registrar: { host: string; port: number },
    user: string,
    password: string,
  ): Promise<RegisteringPhone> {
    const phone = new RegisteringPhone(registrar, user, password);
    await new Promise<void>((resolve) => phone.#socket.bind(0, '127.0.0.1', resolve));
    phone.#socket.on('message', (packet, from) => {
      const text = packet.toString('utf8');
      if (text.startsWith('OPTIONS ')) phone.#socket.send(okTo(text), from.port, from.address);
    });
    return phone;
  }

  /** Registers for so many seconds, 0 ends it. Returns the registrar's last status. */
  async register(expires: number): Promise<number> {
    const first = await this.#ask(expires, '');
    if (first.status !== 401) return first.status;
    const challenge = /^WWW-Authenticate: *Digest (.*)$/im.exec(first.text)?.[1] ?? '';
    return (await this.#ask(expires, this.#answerTo(challenge))).status;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(expires: number, authorization: string): Promise<{ status: number; text: string }> {
    const { host, port } = this.#registrar;
    const own = (this.#socket.address() as AddressInfo).port;
    const request = [
      `REGISTER sip:${host}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${own};rport;branch=z9hG4bK${randomUUID()}`,
      `From: <sip:${this.#user}@${host}>;tag=phone`,
      `To: <sip:${this.#user}@${host}>`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${++this.#sequence} REGISTER`,
      `Contact: <sip:${this.#user}@127.0.0.1:${own}>`,
      `Expires: ${expires}`,
      'Max-Forwards: 70',
      ...(authorization ? [authorization] : []),
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    return new Promise((resolve) => {
      const hear = (packet: Buffer) => {
        const text = packet.toString('utf8');
        const status = Number(/^SIP\/2\.0 (\d+)/.exec(text)?.[1] ?? 0);
        if (status < 200) return;
        this.#socket.off('message', hear);
        resolve({ status, text });
      };
      this.#socket.on('message', hear);
      this.#socket.send(request, port, host);
    });
  }

  #answerTo(challenge: string): string {
    const { host, port } = this.#registrar;
    const value = (name: string) => new RegExp(`${name}="?([^",]*)"?`).exec(challenge)?.[1] ?? '';
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const [realm, nonce, opaque] = [value('realm'), value('nonce'), value('opaque')];
    const uri = `sip:${host}:${port}`;
    const mine = md5(`${this.#user}:${realm}:${this.#password}`);
    const response = md5(`${mine}:${nonce}:00000001:phone:auth:${md5(`REGISTER:${uri}`)}`);
    return `Authorization: Digest username="${this.#user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="phone", opaque="${opaque}"`;
  }
}

function okTo(request: string): string {
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(request)?.[0]?.trim() ?? '';
  const same = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(header);
  return ['SIP/2.0 200 OK', ...same, 'Content-Length: 0', '', ''].join('\r\n');
}
