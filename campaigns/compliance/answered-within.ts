const stepMs = 50;

/** The database may well be there. */
export class TooSlow extends Error {}

/**
 * Rejects with TooSlow when the work takes longer. Counted in small steps of real time, so that a process held up by
 * other work does not take its own delay for the database's.
 */
export async function answeredWithin<T>(work: Promise<T>, ms: number): Promise<T> {
  const { within, stop } = createPatience(ms);
  try {
    return await within(work);
  } finally {
    stop();
  }
}

/** The same for several pieces of work one after the other, which have that time together. */
export function createPatience(ms: number) {
  const { stop, over } = patience(ms);
  const late = over.then(() => {
    throw new TooSlow(`the database did not answer within ${ms} ms`);
  });
  late.catch(() => {});
  return {
    stop,
    within<T>(work: Promise<T>): Promise<T> {
      work.catch(() => {}); // A late failure has been reported as a time-out already.
      return Promise.race([work, late]);
    },
  };
}

/** Calls `slow` once when the work takes longer than `ms`, and waits on. */
export async function tellWhenSlow<T>(work: Promise<T>, ms: number, slow: () => void): Promise<T> {
  const { stop, over } = patience(ms);
  void over.then(slow);
  try {
    return await work;
  } finally {
    stop();
  }
}

function patience(ms: number): { stop: () => void; over: Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    const wait = (left: number): void => {
      const step = Math.min(left, stepMs);
      timer = setTimeout(() => (left > step ? wait(left - step) : resolve()), step);
    };
    wait(ms);
  });
  return { over, stop: () => clearTimeout(timer) };
}
