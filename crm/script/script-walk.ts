import type { answerOperators, QuestionKind } from './script.ts';

/** A step as it is walked through in a call: what only the server knows has been decided. Shared with the browser. */
export interface WalkStep {
  readonly id: string;
  readonly kind: QuestionKind | null;
  readonly required: boolean;
  readonly branches: readonly WalkBranch[];
  /** Null: the script ends here. */
  readonly next: string | null;
}

export type WalkBranch =
  | {
      readonly on: 'answer';
      readonly operator: (typeof answerOperators)[number];
      readonly value: string;
      readonly to: string | null;
    }
  /** Asks for the customer, who is the same all through the call. */
  | { readonly on: 'customer'; readonly holds: boolean; readonly to: string | null };

/** Where the agent is: the steps that were gone through, and which of them is on the screen. */
export interface Place {
  readonly path: readonly string[];
  readonly at: number;
}

/** A loop that is gone round for ever makes no path that cannot be kept. */
const longestPath = 500;

export const answerField = (stepId: string, kind: QuestionKind): string =>
  `${kind === 'short-text' || kind === 'long-text' ? 'words' : 'answer'}.${stepId}`;

/** Several choices stand in one text, by their ids. */
export const chosenIn = (answer: string): string[] => answer.split(',').filter(Boolean);

/** `1.5`, `1,5` and `１．５` are the same; null where it is no number. */
export function numberIn(text: string): number | null {
  const plain = text.normalize('NFKC').trim().replace(/^([+-]?\d+),(\d{1,2})$/, '$1.$2').replace(/(?<=\d),(?=\d{3}\b)/g, ''); // prettier-ignore
  return /^[+-]?\d{1,15}(\.\d{1,6})?$/.test(plain) ? Number(plain) : null;
}

/** The step that follows; null at the end. */
export function nextOf(step: WalkStep, answer: string): string | null {
  const branch = step.branches.find((one) => holds(one, answer));
  return branch ? branch.to : step.next;
}

function holds(branch: WalkBranch, answer: string): boolean {
  if (branch.on === 'customer') return branch.holds;
  const text = answer.trim();
  switch (branch.operator) {
    case 'given':
      return text !== '';
    case 'not-given':
      return text === '';
    case 'is': {
      const wanted = numberIn(branch.value);
      return chosenIn(text).includes(branch.value) || (wanted !== null && numberIn(text) === wanted);
    }
    default: {
      const [is, limit] = [numberIn(text), numberIn(branch.value)];
      if (is === null || limit === null) return false;
      return branch.operator === 'at-least' ? is >= limit : is <= limit;
    }
  }
}

/** Places that were gone through stay where the way still leads to them: back and forth loses nothing. */
export function advance({ path, at }: Place, to: string): Place {
  if (path[at + 1] === to) return { path, at: at + 1 };
  const gone = path.slice(0, at + 1).slice(-longestPath + 1);
  return { path: [...gone, to], at: gone.length };
}

/** Reads a kept place; steps that there are not are left out, and without any the first step is where it begins. */
export function placeOf(path: string, at: string, steps: readonly { readonly id: string }[]): Place {
  const known = chosenIn(path).filter((id) => steps.some((step) => step.id === id));
  const first = steps[0]?.id;
  if (known.length === 0) return { path: first === undefined ? [] : [first], at: 0 };
  const index = Number(at);
  const place = Number.isInteger(index) ? index : known.length - 1;
  return { path: known, at: Math.max(0, Math.min(known.length - 1, place)) };
}
