// Adds up what the runs of bin/test left in a tally file, and ends with the line that others read.
//   node test/support/tally.mjs FILE [--all-parts]
// With --all-parts, a test that was skipped as a part is missing counts as failed.
import { readFileSync } from 'node:fs';

const lines = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const allParts = process.argv.includes('--all-parts');
const failed = lines.flatMap((line) => line.failed.map((it) => ({ run: line.run, ...it })));
const left = lines.flatMap((line) => line.skipped.map((it) => ({ run: line.run, ...it })));
const lacking = left.filter(({ part }) => allParts && part);
const skipped = left.filter((it) => !lacking.includes(it));
for (const { run, title, why } of lacking)
  failed.push({ run, title, message: `skipped, but a build wants it: ${why}` });
const passed = lines.reduce((sum, line) => sum + line.passed, 0);

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
