import type { MicrophoneProblem } from './phone.ts';

/** The microphone could not be opened; `problem` says which words help. */
export class MicrophoneError extends Error {
  readonly problem: MicrophoneProblem;
  constructor(problem: MicrophoneProblem) {
    super(`microphone: ${problem}`);
    this.name = 'MicrophoneError';
    this.problem = problem;
  }
}
