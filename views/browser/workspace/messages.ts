import type { UnreadMessage } from '../../../dialer/messages/message.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { Alerts } from './alerts.ts';
import type { Truth } from './truth.ts';

/** What supervisors say to this agent: above the work, until it is read. */
export function showMessages(truth: Truth, alerts: Alerts): void {
  let shown: readonly string[] = [];
  truth.watchMessages((unread) => {
    const names = unread.map(nameOf);
    for (const name of shown) if (!names.includes(name)) alerts.set(name, null);
    for (const message of unread)
      alerts.set(nameOf(message), {
        kind: message.mustRead ? 'warning' : 'info',
        text: textOf(message),
        action: { label: say('message.read'), run: () => void read(message) },
      });
    shown = names;
  });
}

const nameOf = ({ id }: UnreadMessage): string => `message-${id}`;

function textOf({ kind, byName: by, text, mustRead }: UnreadMessage): string {
  if (kind !== 'written') return say(`message.${kind}`, { by, text });
  return say(mustRead ? 'message.announcement' : 'message.written', { by, text });
}

/** It goes when the stream says that it is read: on all pages of this agent at once. */
async function read({ id }: UnreadMessage): Promise<void> {
  try {
    await send('POST', `/workspace/messages/${id}/read`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    toast('danger', error.problem.detail);
  }
}

/** Who is with this call, as far as the agent is told. */
export function showMonitors({ monitors = [] }: AgentSnapshot, alerts: Alerts): void {
  const text = monitors.map(({ mode, name }) => say(`message.monitor.${mode}`, { by: name })).join(' ');
  alerts.set('monitors', text === '' ? null : { kind: 'info', text });
}
