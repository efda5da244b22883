/** A browser as far as HTTP goes: keeps cookies, sends the token of the last page, reads streams of events. */
export class Visitor {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();
  #token = '';

  constructor(url: string) {
    this.#url = url;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const response = await this.#fetch(path, { headers: { accept: 'text/html' } });
    const text = await response.text();
    this.#token = /<meta name="csrf-token" content="([^"]*)"/.exec(text)?.[1] ?? this.#token;
    return { status: response.status, text };
  }

  async post(path: string, form: Record<string, string>): Promise<number> {
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ _csrf: this.#token, ...form }).toString(),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async signIn(username: string, password: string): Promise<void> {
    await this.get('/sign-in');
    const status = await this.post('/sign-in', { username, password });
    if (status !== 303) throw new Error(`sign-in answered ${status}`);
    await this.get('/profile');
  }

  /** Reads events until it is stopped; `heard` gets name and data of each. */
  async listen(path: string, heard: (event: string, data: string) => void): Promise<() => void> {
    const stop = new AbortController();
    const response = await this.#fetch(path, {
      headers: { accept: 'text/event-stream' },
      signal: stop.signal,
    });
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
    void read(response.body!, heard).catch(() => {});
    return () => stop.abort();
  }

  async #fetch(path: string, options: RequestInit): Promise<Response> {
    const response = await fetch(this.#url + path, {
      redirect: 'manual',
      ...options,
      headers: { ...(options.headers as Record<string, string>), cookie: this.cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

async function read(body: ReadableStream<Uint8Array>, heard: (event: string, data: string) => void) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n');
      rest = rest.slice(end + 2);
      const event = lines.find((line) => line.startsWith('event: '))?.slice(7);
      const data = lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
      if (event) heard(event, data.join('\n'));
    }
  }
}
