import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readPhone } from '../../crm/index.ts';

describe('a number that cannot be called', () => {
  const said = (text: string, country = 'CN') => {
    const reading = readPhone(text, country);
    return reading.ok ? reading.e164 : reading.problem;
  };

  it('is told that it has a digit too many or too few, where a good one has one less or more', () => {
    assert.equal(said('138001380001'), 'too-long');
    assert.equal(said('1380013800'), 'too-short');
    assert.equal(said('+86138001380001'), 'too-long');
    assert.equal(said('22125550123', 'US'), 'too-long');
    assert.equal(said('212555012', 'US'), 'too-short');
    assert.equal(said('1 555 000 0000', 'US'), 'not-assigned');
  });

  it('is told of zeros before a national number, which belong before a country code', () => {
    assert.equal(said('0013950002401'), 'zeros-before-national');
    assert.equal(said('008613950002401'), '+8613950002401');
    assert.equal(said('0012125550123'), '+12125550123');
    assert.equal(said('0099999999999'), 'unknown-country');
  });

  it('is none that a spreadsheet has written with an exponent and all its digits', () => {
    assert.equal(said('1.3800138009E+10'), '+8613800138009');
    assert.equal(said('1,3800138009e10'), '+8613800138009');
    assert.equal(said('8.613800138009E+12'), '+8613800138009');
    assert.equal(said('2.12555012300E+09', 'US'), '+12125550123');
    for (const lost of ['1.38E+10', '1.380013801E+10', '-1.3800138009E+10', '1.38001380095E+10'])
      assert.equal(said(lost), 'rounded-by-spreadsheet', lost);
  });

  it('is none that a spreadsheet has only put commas into', () => {
    assert.equal(said('13,950,002,001'), '+8613950002001');
    assert.equal(said('13,950,002,001.00'), '+8613950002001');
    assert.equal(said('2,125,550,123', 'US'), '+12125550123');
    assert.equal(said('139,500'), 'too-short');
  });
});
