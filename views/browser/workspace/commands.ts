import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { phoneRingsMs, ringsPhone, type WorkspaceCommand } from '../../../dialer/workspace/command-names.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import { say } from '../shared/words.ts';
import type { Truth } from './truth.ts';

/**
 * Sends commands one at a time: a second press of the same button while the first is under way waits for what comes of
 * that one.
 */
export class Commands {
  readonly #truth: Truth;
  readonly #pending = new Map<WorkspaceCommand, { asked: string; answer: Promise<Refused | null> }>();
  /** Said already, to another press of the same button. */
  readonly #told = new WeakSet<Refused>();
  #obstacle: (name: WorkspaceCommand) => string | null = () => null;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  /** What the dialer cannot know and stands against a command, in words; null: nothing. */
  refuseFor(obstacle: (name: WorkspaceCommand) => string | null): void {
    this.#obstacle = obstacle;
  }

  /** The refusal in words, or null when it was done. */
  async attempt(name: WorkspaceCommand, body: object = {}): Promise<Refused | null> {
    const asked = JSON.stringify(body);
    const pending = this.#pending.get(name);
    if (pending?.asked === asked) return pending.answer;
    if (pending) return refusal('under-way', say('live.underWay'));
    const detail = this.#obstacle(name);
    if (detail) return refusal('phone-unusable', detail);
    const answer = this.#send(name, body);
    this.#pending.set(name, { asked, answer });
    return answer;
  }

  async #send(name: WorkspaceCommand, body: object): Promise<Refused | null> {
    document.getElementById('workspace')?.setAttribute('aria-busy', 'true');
    try {
      // The dialer has the first word on how long is too long.
      const patienceMs = ringsPhone.has(name) ? phoneRingsMs + 5_000 : undefined;
      const snapshot = await send<AgentSnapshot | null>('POST', `/workspace/${name}`, body, { patienceMs });
      if (snapshot) this.#truth.apply(snapshot);
      return null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // What was refused often rests on an old picture of things.
      void this.#truth.ask();
      return error;
    } finally {
      this.#pending.delete(name);
      if (this.#pending.size === 0) document.getElementById('workspace')?.removeAttribute('aria-busy');
    }
  }

  /** The same, with the refusal said in the corner. True when it was done. */
  async run(name: WorkspaceCommand, body: object = {}): Promise<boolean> {
    const refused = await this.attempt(name, body);
    if (refused) this.tell(refused);
    return refused === null;
  }

  /** Says a refusal in the corner, once. */
  tell(refused: Refused): void {
    if (this.#told.has(refused)) return;
    this.#told.add(refused);
    toast('danger', refused.problem.detail);
  }
}

function refusal(code: string, detail: string): Refused {
  return new Refused({ status: 0, code, title: '', detail });
}
