import { toSignIn } from './http.ts';
import { reached } from './no-connection.ts';

export type LiveState = 'connecting' | 'open' | 'lost';

export interface Live {
  /** `handler` gets the event's data: JSON parsed where it is JSON, else the text. */
  on<T = unknown>(event: string, handler: (data: T) => void): Live;
  onState(handler: (state: LiveState) => void): Live;
  close(): void;
}

/** A browser gives up on some answers (a proxy's 502); then the stream is opened anew after this. */
const reopenMs = 3_000;
/** The server says so often that it lives that a stream without a word for so long is dead, however open it looks. */
const silenceMs = 40_000;
/** Before this, a lost stream is not worth a word: most come back at once. */
const patienceMs = 1_500;

/** A server-sent stream that comes back by itself, and says on the page when it is away. */
export function live(url: string): Live {
  const handlers: [string, (event: MessageEvent<string>) => void][] = [];
  const watchers: ((state: LiveState) => void)[] = [];
  let source: EventSource;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      tell('lost');
      reopen();
    }, silenceMs);
  };
  const reopen = () => {
    clearTimeout(timer);
    source.close();
    open();
  };
  const tell = (state: LiveState) => {
    showState(state);
    for (const watcher of watchers) watcher(state);
  };
  const open = () => {
    source = new EventSource(url);
    heard();
    for (const [event, handler] of handlers) source.addEventListener(event, handler as EventListener);
    source.addEventListener('open', () => {
      heard();
      reached();
      tell('open');
    });
    source.addEventListener('heartbeat', heard);
    source.addEventListener('error', () => {
      if (closed) return;
      tell('lost');
      if (source.readyState === EventSource.CLOSED) void refused();
    });
    source.addEventListener('signed-out', () => {
      source.close();
      void refused();
    });
  };
  /** A browser does not say why a stream was refused: the answer's status is looked at beside it. */
  const refused = async () => {
    clearTimeout(timer);
    timer = setTimeout(open, reopenMs);
    if (await isSignedOut(url)) toSignIn();
  };
  open();
  // A cut network leaves a stream that looks open and says nothing: the machine knows first.
  addEventListener('offline', () => tell('lost'));
  addEventListener('online', () => {
    if (!closed) reopen();
  });
  addEventListener('pagehide', () => api.close());
  const api: Live = {
    on(event, handler) {
      const listener = ({ data }: MessageEvent<string>) => handler(parsed(data) as never);
      handlers.push([event, listener]);
      source.addEventListener(event, listener as EventListener);
      return api;
    },
    onState(handler) {
      watchers.push(handler);
      return api;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(silence);
      source.close();
    },
  };
  return api;
}

async function isSignedOut(url: string): Promise<boolean> {
  const look = new AbortController();
  try {
    const answer = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: look.signal });
    return answer.status === 401;
  } catch {
    return false; // Not reached: the stream is tried again in any case.
  } finally {
    look.abort();
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

let hideTimer: ReturnType<typeof setTimeout> | undefined;
let isLost = false;
let wasLost = false;

/** Shows in the top bar that what stands here may be old. */
export function showState(state: LiveState): void {
  const element = document.getElementById('live-state');
  // Said again and again by what tries again and again, it would never be lost for long enough.
  if (!element || (state === 'lost') === isLost) return;
  isLost = state === 'lost';
  clearTimeout(hideTimer);
  if (isLost) {
    hideTimer = setTimeout(() => {
      wasLost = true;
      element.textContent = element.dataset.lost ?? '';
      element.dataset.state = 'lost';
      element.hidden = false;
    }, patienceMs);
  } else if (wasLost) {
    wasLost = false;
    element.textContent = element.dataset.back ?? '';
    element.dataset.state = 'back';
    hideTimer = setTimeout(() => (element.hidden = true), 3_000);
  }
}
