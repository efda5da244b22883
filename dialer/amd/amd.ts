import { createHash } from 'node:crypto';
import type { AmdSettings } from '../../campaigns/index.ts';

export { lost, notStarted } from '../../campaigns/compliance/index.ts';

/** What machine detection makes of whoever has picked up. `unsure` goes to an agent, as a person does. */
export type AmdVerdict = 'human' | 'machine' | 'unsure';

/** What became of the message to a machine. */
export const machineMessageEnds = [
  'left',
  /** The line was gone before it had been played to its end. */
  'cut',
  /** The gate does not let a recorded message be left there. */
  'refused',
  /** The greeting did not end. */
  'no-silence',
  /** Its words could not be spoken. */
  'no-sound',
] as const;
export type MachineMessageEnd = (typeof machineMessageEnds)[number];

/**
 * Of Asterisk's AMD(): longest silence before a greeting, longest greeting of a person, silence that ends it, longest
 * analysis, shortest word, silence between words, most words of a person, silence threshold, longest word.
 */
export function amdArguments({ silenceMs, greetingMs, maxWords, listenMs }: AmdSettings): string {
  return [silenceMs, greetingMs, 800, listenMs, 120, 50, maxWords, 256, 5_000].join(',');
}

const parts = 2 ** 32;

/**
 * Whether an agent is to look after this call, though it is taken for a machine. Drawn from the call's id, which is
 * random: asked again after a restart it is the same.
 */
export function isCheckSample(callId: string, share: number): boolean {
  return createHash('sha256').update(`amd ${callId}`).digest().readUInt32BE(0) / parts < share;
}
