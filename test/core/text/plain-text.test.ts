import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { line, plainLine, plainText, plainTexts } from '../../../core/text/index.ts';

const controls = ['\u0000', '\u0007', '\u001b', '\u007f', '\u0085', '\u009b'];
const turning = ['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'];

describe('plain text', () => {
  it('has no control characters, and none that turn the order of writing round', () => {
    for (const sign of [...controls, ...turning])
      assert.equal(plainText(`李${sign}雷 fdp.exe`), '李雷 fdp.exe', sign.codePointAt(0)!.toString(16));
  });

  it('keeps its lines, its accents, its joined signs and its marks of direction', () => {
    for (const text of ['one\r\n\ttwo', 'Zoë', '👩‍👧', 'می‌خواهم', 'א\u200f(1)', 'a\u00adb'])
      assert.equal(plainText(text), text);
  });

  it('is one line where it is a name', () => {
    assert.equal(plainLine(' 王\t小明 \r\n\u202eVIP\n '), '王 小明 VIP');
    assert.equal(line.min(1).max(4).parse('\u202eabcd\u202c'), 'abcd');
    assert.equal(line.min(1).safeParse('\u202e \u0000').success, false);
  });

  it('is looked for in all that a request brings, names of fields too', () => {
    const given = { name: 'a\u202eb', tags: ['x\u0000'], custom: { 'k\u2066': 'v\u0085' }, at: 5, no: null };
    assert.deepEqual(plainTexts(given), { name: 'ab', tags: ['x'], custom: { k: 'v' }, at: 5, no: null });
    const file = Buffer.from('\u0000');
    assert.equal(plainTexts({ file }).file, file);
    const sly = plainTexts(JSON.parse('{"__proto__": {"role": "administrator"}}') as { role?: string });
    assert.equal(sly.role, undefined);
  });
});
