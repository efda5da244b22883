import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { reporters, Runner, type MochaOptions, type Suite, type Test } from 'mocha';

/** What one mocha run adds to the tally of bin/test: one line of JSON in the file that `TALLY_FILE` names. */
export interface TallyLine {
  run: string;
  passed: number;
  /** `file`: where the test stands, from the project's root. */
  failed: { title: string; message: string; file?: string }[];
  /** `part`: something that can be installed is missing. */
  skipped: { title: string; why: string; part: boolean }[];
}

interface Skipped {
  skipReason?: string;
  cannotBeHad?: boolean;
  parent?: Suite & Skipped;
}

const { EVENT_RUN_END, EVENT_TEST_RETRY, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Runner.constants;

/** Mocha's spec reporter, which also counts for bin/test. */
export default class TallyReporter extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    const tally: TallyLine = { run: process.env.TALLY_RUN ?? 'mocha', passed: 0, failed: [], skipped: [] };
    runner.on(EVENT_TEST_PASS, () => void tally.passed++);
    runner.on(EVENT_TEST_FAIL, (test: Test, error: Error) => {
      tally.failed.push({
        title: test.fullTitle(),
        message: error.message.split('\n')[0] ?? '',
        file: test.file && relative(process.cwd(), test.file),
      });
    });
    runner.on(EVENT_TEST_RETRY, (test: Test, error: Error) => {
      console.log(`    tried again: ${test.fullTitle()}: ${error.message.split('\n')[0]}`);
    });
    runner.on(EVENT_TEST_PENDING, (test: Test) => {
      tally.skipped.push({ title: test.fullTitle(), ...reasonOf(test as Skipped) });
    });
    runner.once(EVENT_RUN_END, () => {
      if (process.env.TALLY_FILE) appendFileSync(process.env.TALLY_FILE, `${JSON.stringify(tally)}\n`);
    });
  }
}

function reasonOf(test: Skipped): { why: string; part: boolean } {
  for (let at: Skipped | undefined = test; at; at = at.parent)
    if (at.skipReason) return { why: at.skipReason, part: !at.cannotBeHad };
  return { why: 'marked as pending', part: false };
}
