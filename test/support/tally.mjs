// Adds up what the runs of bin/test left in a tally file, and ends with the line that others read.
//   node test/support/tally.mjs FILE [--all-parts]
//   node test/support/tally.mjs FILE --files-to-repeat
// With --all-parts, a test that was skipped as a part is missing counts as failed. What failed beside other tests and
// passed when its file was run again alone counts as passed, and is named: it is a test to mend, or a fault to find.
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const allParts = process.argv.includes('--all-parts');
const again = new Map(
  lines.filter(({ run }) => run.startsWith('again: ')).map((line) => [line.run.slice(7), line]),
);
const first = lines.filter((line) => ![...again.values()].includes(line));
const failures = first.flatMap((line) => line.failed.map((it) => ({ run: line.run, ...it })));

// More than these are no accident.
const mostRepeated = 4;
if (process.argv.includes('--files-to-repeat')) {
  const files = [...new Set(failures.map(({ file }) => file))];
  if (files.length <= mostRepeated && files.every(Boolean)) for (const file of files) console.log(file);
  process.exit(0);
}

const passedAlone = ({ file }) => again.get(file)?.failed.length === 0 && again.get(file).passed > 0;
const shaky = failures.filter(passedAlone);
const failed = failures.filter((it) => !passedAlone(it));
const left = first.flatMap((line) => line.skipped.map((it) => ({ run: line.run, ...it })));
const lacking = left.filter(({ part }) => allParts && part);
const skipped = left.filter((it) => !lacking.includes(it));
for (const { run, title, why } of lacking)
  failed.push({ run, title, message: `skipped, but a build wants it: ${why}` });
const passed = first.reduce((sum, line) => sum + line.passed, shaky.length);

if (shaky.length > 0) {
  console.log('\nFailed beside other tests, passed when run again alone:');
  for (const { run, title, message } of shaky) console.log(`  ${run}: ${title}\n      ${message}`);
}

if (failed.length > 0) {
  console.log('\nFailed:');
  for (const { run, title, message } of failed) console.log(`  ${run}: ${title}\n      ${message}`);
}
if (skipped.length > 0) {
  console.log('\nSkipped:');
  const byReason = Map.groupBy ? Map.groupBy(skipped, ({ why }) => why) : groupBy(skipped);
  for (const [why, tests] of byReason) {
    console.log(`  ${why}:`);
    for (const { title } of tests) console.log(`      ${title}`);
  }
}
const more = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
console.log(`\n${passed} passed, ${failed.length} failed${more}`);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;

function groupBy(items) {
  const groups = new Map();
  for (const item of items) groups.set(item.why, [...(groups.get(item.why) ?? []), item]);
  return groups;
}
