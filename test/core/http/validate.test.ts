import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { fieldErrors } from '../../../core/http/index.ts';
import { createTranslator } from '../../../core/i18n/index.ts';
import { paths } from '../../../core/paths.ts';

describe('what is said of a wrong field', () => {
  const t = createTranslator(join(paths.views, 'locales')).for('en');
  const said = (schema: z.ZodType, value: unknown) => {
    const { error } = z.object({ field: schema }).safeParse(value === undefined ? {} : { field: value });
    return error ? fieldErrors(error, t).field : null;
  };

  it('tells what is missing from what is no number', () => {
    assert.equal(said(z.coerce.number(), 'five'), 'Please enter a number');
    assert.equal(said(z.number(), undefined), 'Please fill this in');
    assert.equal(said(z.string(), undefined), 'Please fill this in');
    assert.equal(said(z.string().min(1), ''), 'Please fill this in');
  });

  it('speaks, where nothing may be given too, of what was meant', () => {
    const minutes = z.union([z.literal(''), z.coerce.number().int().min(1).max(60)]);
    assert.equal(said(minutes, ''), null);
    assert.equal(said(minutes, 'an hour'), 'Please enter a number');
    assert.equal(said(minutes, '90'), 'At most 60');
    const day = z.union([z.literal(''), z.iso.date()]);
    assert.equal(
      said(day, '30.1.2026'),
      'Write a day that there is, as year-month-day, for example 2026-01-31',
    );
  });

  it('says how long a text may be, and which form an address has', () => {
    assert.equal(said(z.string().max(3), 'abcd'), 'At most 3 characters');
    assert.equal(said(z.email(), 'mei at home'), 'This is not an email address');
    assert.equal(said(z.enum(['a', 'b']), 'c'), 'Please choose one of the options');
  });
});
