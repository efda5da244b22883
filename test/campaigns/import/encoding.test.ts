import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import iconv from 'iconv-lite';
import { guessEncoding, mostPlausible } from '../../../campaigns/import/encoding.ts';

describe('encoding of a file', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'encoding-'))));
  after(() => rmSync(folder, { recursive: true }));

  const guess = async (bytes: Buffer) => {
    const path = join(folder, 'file.csv');
    writeFileSync(path, bytes);
    return guessEncoding(path);
  };
  const simplified = '姓名,手机,城市\r\n王小明,13800138000,上海市\r\n李娜,13900139000,北京市\r\n';
  const traditional = '姓名,手機,城市\r\n陳怡君,0912345678,臺北市\r\n林俊宏,0922345678,高雄市\r\n';

  it('byte order marks are believed', async () => {
    assert.deepEqual(await guess(Buffer.from('\ufeffname\n')), { encoding: 'utf-8', confidence: 'certain' });
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode(simplified, 'utf-16le')]);
    assert.equal((await guess(utf16)).encoding, 'utf-16le');
  });
  it('valid UTF-8 throughout is UTF-8; one wrong byte at the end is not', async () => {
    assert.deepEqual(await guess(Buffer.from(simplified)), { encoding: 'utf-8', confidence: 'certain' });
    const long = Buffer.concat([Buffer.from('a,b\n'.repeat(100_000)), Buffer.from([0xe9, 0x0a])]);
    assert.equal((await guess(long)).encoding, 'windows-1252');
  });
  it('GB18030 and Big5, long and short', async () => {
    assert.equal((await guess(iconv.encode(simplified, 'gb18030'))).encoding, 'gb18030');
    assert.equal((await guess(iconv.encode(traditional, 'big5'))).encoding, 'big5');
    assert.equal(mostPlausible(iconv.encode('姓名\n王芳', 'gb18030')), 'gb18030');
    assert.equal(mostPlausible(iconv.encode('姓名\n陳怡君', 'big5')), 'big5');
    assert.equal(mostPlausible(iconv.encode('张伟,13800138000\n', 'gb18030')), 'gb18030');
    assert.equal(mostPlausible(iconv.encode('王美玲,0912345678\n', 'big5')), 'big5');
  });
  it('the Windows code pages of other alphabets', () => {
    const samples = {
      'windows-1250': 'Jméno,Telefon\nJiří Dvořák,1\nŁukasz Żółć,2\nKovács Ödön Győző,3\n',
      'windows-1251': 'Имя,Телефон\nИван Петров,1\nОльга Смирнова,2\n',
      'windows-1253': 'Όνομα,Τηλέφωνο\nΓιώργος Παπαδόπουλος,1\n',
      'windows-1254': 'Adı,Telefon\nAyşe Yıldız,1\nÇağlar Güneş,2\nİbrahim Şahin,3\n',
      'windows-1255': 'שם,טלפון\nדוד כהן,1\n',
      'windows-1256': 'الاسم,الهاتف\nمحمد أحمد,1\n',
      'windows-1252': 'Prénom,Téléphone\nZoë Müller,1\nJosé Muñoz,2\nSøren Åkesson,3\n',
    } as const;
    for (const [encoding, text] of Object.entries(samples))
      assert.equal(mostPlausible(iconv.encode(text, encoding)), encoding);
  });
  it('Latin, Japanese and Korean', async () => {
    assert.equal(mostPlausible(iconv.encode('José,Müller,Françoise\n', 'windows-1252')), 'windows-1252');
    assert.equal(mostPlausible(iconv.encode('なまえ,田中さくら\n', 'shift_jis')), 'shift_jis');
    assert.equal(mostPlausible(iconv.encode('이름,김민수,서울\n', 'euc-kr')), 'euc-kr');
  });
});
