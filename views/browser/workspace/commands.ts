import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import type { WorkspaceCommand } from '../../../dialer/workspace/command-names.ts';
import { Refused, send } from '../shared/http.ts';
import { toast } from '../shared/toast.ts';
import type { Truth } from './truth.ts';

/** Sends commands one at a time: a second press of the same button while the first is under way does nothing. */
export class Commands {
  readonly #truth: Truth;
  readonly #pending = new Set<string>();
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
    if (this.#pending.has(name)) return null;
    const detail = this.#obstacle(name);
    if (detail) return new Refused({ status: 0, code: 'phone-unusable', title: '', detail });
    this.#pending.add(name);
    document.getElementById('workspace')?.setAttribute('aria-busy', 'true');
    try {
      const snapshot = await send<AgentSnapshot | null>('POST', `/workspace/${name}`, body);
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
    if (refused) toast('danger', refused.problem.detail);
    return refused === null;
  }
}
