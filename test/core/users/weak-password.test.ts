import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { generatePassword, weaknessOf } from '../../../core/users/index.ts';

const names = ['amiller', 'Anna Miller'];

describe('a weak password', () => {
  it('is one of the commonest, however it is dressed up', () => {
    for (const password of [
      'password123',
      'Password2026!',
      'P@ssw0rd2024',
      'Welcome2026!',
      'iloveyou123',
      'administrator1',
      'ringwise2026',
      '1234567890',
      '0987654321',
      'qwertyuiop',
      'qwerty123456',
      '1q2w3e4r5t',
      '1qaz2wsx3edc',
      'aaaaaaaaaa',
      'abcabcabcabc',
      '1111111111',
      'letmein12345',
    ])
      // prettier-ignore
      assert.equal(weaknessOf(password, names), 'common', password);
  });

  it('or holds a name of its owner', () => {
    for (const password of ['anna.miller1', 'AMILLER-kiosk-17', 'blue M1ller lamp', 'xx-Anna-xx-77'])
      assert.equal(weaknessOf(password, names), 'name', password);
    assert.equal(weaknessOf('blue lamp kiosk', ['al', 'Al Bo']), null, 'two letters are in every word');
  });

  it('is none of a few words, nor one that was made', () => {
    for (const password of [
      'correct horse battery',
      'Tr4bant-Kiosk-17',
      '长长的密码真的很长吗',
      'blue-lamp-42-sky',
      '9182736450',
    ])
      assert.equal(weaknessOf(password, names), null, password);
    for (let count = 0; count < 200; count++) assert.equal(weaknessOf(generatePassword(), names), null);
  });
});
