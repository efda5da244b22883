/** An answer of the simulated ARI other than success. */
export class SimProblem extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
