import type { App } from '../../core/app.ts';
import { CommandRefused } from '../../core/bus/bus.ts';
import { HttpProblem } from '../../core/http/index.ts';
import type { DialerCommands, RefusalReason } from '../protocol.ts';

/** Refusals that are said to an agent in words that a supervisor would take for their own. */
const ofTheAgent: ReadonlySet<string> = new Set<RefusalReason>([
  ...(['not-signed-in', 'wrong-state', 'phone-not-up', 'dialer-away'] as const),
]);

type FloorCommand = Extract<keyof DialerCommands, 'agent.force' | `monitor.${string}`>;

/** Asks the dialer that holds the agent; what it refuses is said in a supervisor's words. */
export async function ask<Name extends FloorCommand>(
  app: Pick<App, 'bus'>,
  command: Name,
  payload: DialerCommands[Name][0],
): Promise<DialerCommands[Name][1]> {
  try {
    return await app.bus.request<DialerCommands[Name][1]>(command, payload);
  } catch (error) {
    if (error instanceof CommandRefused && ofTheAgent.has(error.reason))
      throw new HttpProblem(409, `floor-${error.reason}`);
    throw error;
  }
}
