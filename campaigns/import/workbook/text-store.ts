import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/** Texts of so many characters together are simply kept; an empty one takes room as well. */
const keptCharacters = 4 * 1024 * 1024;
const weightOfText = 8;
/** Texts that go to the file and come back together: those of a row mostly stand beside each other. */
const perBlock = 16;
const writtenAtOnce = 256 * 1024;
/** Blocks that came last, each in the place of its number; all are let go when they hold more characters than this. */
const places = 8_192;
const heldCharacters = 8 * 1024 * 1024;

/**
 * Texts by number, in memory that does not grow with how many there are: beyond a few megabytes they lie in a file that
 * nobody else can open and that ends with the process. Close it.
 */
export class TextStore {
  readonly #beside: string;
  #kept: string[] | null = [];
  #characters = 0;
  #count = 0;
  #file: number | null = null;
  /** Where each block begins in the file. */
  #begins = new Float64Array(1_024);
  #blocks = 0;
  #end = 0;
  #block: string[] = [];
  #unwritten: Buffer[] = [];
  #unwrittenBytes = 0;
  #held: (readonly string[] | undefined)[] = [];
  #heldBlocks = new Int32Array(places);
  #heldCharacters = 0;

  /** `beside`: a file in whose folder there is room. */
  constructor(beside: string) {
    this.#beside = beside;
  }

  get count(): number {
    return this.#count;
  }

  get characters(): number {
    return this.#characters;
  }

  add(text: string): void {
    this.#count += 1;
    this.#characters += text.length;
    if (!this.#kept) return this.#addToBlock(text);
    this.#kept.push(text);
    if (this.#characters + this.#count * weightOfText <= keptCharacters) return;
    const kept = this.#kept;
    this.#kept = null;
    for (const one of kept) this.#addToBlock(one);
  }

  /** Empty where there is none of that number. */
  at(number: number): string {
    if (this.#kept) return this.#kept[number] ?? '';
    if (number >= this.#count) return '';
    const block = Math.floor(number / perBlock);
    if (block === this.#blocks) return this.#block[number % perBlock]!;
    return this.#read(block)[number % perBlock]!;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#kept = [];
    this.#count = 0;
  }

  #addToBlock(text: string): void {
    this.#block.push(text);
    if (this.#block.length < perBlock) return;
    const bytes = Buffer.from(JSON.stringify(this.#block));
    this.#block = [];
    if (this.#blocks + 1 >= this.#begins.length) {
      const begins = new Float64Array(this.#begins.length * 2);
      begins.set(this.#begins);
      this.#begins = begins;
    }
    this.#blocks += 1;
    this.#end += bytes.length;
    this.#begins[this.#blocks] = this.#end;
    this.#unwritten.push(bytes);
    this.#unwrittenBytes += bytes.length;
    if (this.#unwrittenBytes >= writtenAtOnce) this.#write();
  }

  #write(): number {
    this.#file ??= openUnnamed(this.#beside);
    const bytes = Buffer.concat(this.#unwritten);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
    return this.#file;
  }

  #read(block: number): readonly string[] {
    const place = block % places;
    const held = this.#held[place];
    if (held && this.#heldBlocks[place] === block) return held;
    const file = this.#unwritten.length > 0 ? this.#write() : this.#file!;
    const begin = this.#begins[block]!;
    const bytes = Buffer.allocUnsafe(this.#begins[block + 1]! - begin);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(file, bytes, done, bytes.length - done, begin + done);
      if (read === 0) throw new Error('the file of a workbook’s texts ended early');
      done += read;
    }
    const texts = JSON.parse(bytes.toString()) as string[];
    this.#heldCharacters += bytes.length;
    if (this.#heldCharacters > heldCharacters) {
      this.#held = [];
      this.#heldCharacters = bytes.length;
    }
    this.#held[place] = texts;
    this.#heldBlocks[place] = block;
    return texts;
  }
}

/** Its name goes at once, so that nothing of it is left however the process ends. */
function openUnnamed(beside: string): number {
  const path = `${beside}.${randomUUID()}.texts`;
  const file = openSync(path, 'wx+', 0o600);
  rmSync(path);
  return file;
}
