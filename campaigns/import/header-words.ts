import type { ColumnTarget } from './columns.ts';

/** Column headings as firms in English and Chinese write them, without case, spaces and punctuation. */
const words: Readonly<Partial<Record<ColumnTarget, readonly string[]>>> = {
  name: [
    ...[
      'name',
      'fullname',
      'customer',
      'customername',
      'contact',
      'contactname',
      'clientname',
      'displayname',
    ],
    ...['姓名', '名字', '名称', '名稱', '客户', '客戶', '客户姓名', '客戶姓名', '客户名称', '客戶名稱'],
    ...['联系人', '聯絡人', '聯繫人', '顾客', '顧客', '顾客姓名', '顧客姓名', '会员姓名', '會員姓名'],
  ],
  given_name: ['firstname', 'first', 'givenname', 'forename', '名'],
  family_name: ['lastname', 'last', 'surname', 'familyname', '姓', '姓氏'],
  salutation: ['salutation', 'title', 'honorific', 'prefix', '称呼', '稱呼', '尊称', '尊稱', '称谓', '稱謂'],
  phone: [
    ...['phone', 'phonenumber', 'telephone', 'tel', 'number', 'phoneno', 'telno', 'contactnumber', 'phone1'],
    ...['phone2', 'phone3', 'altphone', 'alternatephone', 'msisdn', 'callerid', 'dialnumber'],
    ...[
      '电话',
      '電話',
      '电话号码',
      '電話號碼',
      '联系电话',
      '聯絡電話',
      '聯繫電話',
      '号码',
      '號碼',
      '客户电话',
    ],
    ...['客戶電話', '备用电话', '備用電話', '电话1', '電話1', '电话2', '電話2'],
  ],
  phone_mobile: [
    ...['mobile', 'mobilephone', 'mobilenumber', 'cell', 'cellphone', 'cellular', 'mobileno', 'handphone'],
    ...[
      '手机',
      '手機',
      '手机号',
      '手機號',
      '手机号码',
      '手機號碼',
      '移动电话',
      '行動電話',
      '行動',
      '联系手机',
    ],
  ],
  phone_home: [
    ...['home', 'homephone', 'landline', 'housephone', 'residencephone'],
    ...[
      '家庭电话',
      '住宅电话',
      '住宅電話',
      '家用電話',
      '家裡電話',
      '市话',
      '市話',
      '固定电话',
      '座机',
      '固话',
    ],
  ],
  phone_work: [
    ...['work', 'workphone', 'office', 'officephone', 'businessphone', 'companyphone'],
    ...['办公电话', '辦公電話', '公司电话', '公司電話', '单位电话', '單位電話'],
  ],
  external_id: [
    ...['id', 'customerid', 'clientid', 'externalid', 'accountid', 'account', 'accountnumber', 'customerno'],
    ...['customernumber', 'memberid', 'reference', 'crmid'],
    ...['编号', '編號', '客户编号', '客戶編號', '客户号', '客戶代號', '会员号', '會員編號', '會員卡號'],
  ],
  language: ['language', 'lang', 'locale', '语言', '語言', '语种', '語種'],
  company: [
    ...['company', 'companyname', 'organisation', 'organization', 'employer', 'business', 'firm'],
    ...['公司', '公司名称', '公司名稱', '单位', '單位', '企业', '企業', '企业名称'],
  ],
  email: [
    'email',
    'emailaddress',
    'mail',
    '邮箱',
    '郵箱',
    '电子邮件',
    '電子郵件',
    '电子邮箱',
    '電子信箱',
    '信箱',
  ],
  address: [
    'address',
    'street',
    'streetaddress',
    'address1',
    '地址',
    '住址',
    '联系地址',
    '聯絡地址',
    '通讯地址',
    '通訊地址',
  ],
  region: ['region', 'area', '地区', '地區', '区域', '區域'],
  country: ['country', 'countrycode', 'nation', '国家', '國家'],
  state: ['state', 'province', 'stateprovince', 'county', '省', '省份', '州'],
  postal_code: ['zip', 'zipcode', 'postcode', 'postalcode', '邮编', '郵編', '邮政编码', '郵遞區號'],
  tags: ['tag', 'tags', 'label', 'labels', 'segment', '标签', '標籤', '分类', '分類', '客群'],
  consent: [
    'consent',
    'consenttype',
    'consentkind',
    'permission',
    '同意',
    '同意类型',
    '同意類型',
    '授权',
    '授權',
  ],
  // Numbers of rows: as ids of the firm's they would make one of people who share nothing but a place in a file.
  ignore: [
    ...['no', 'row', 'rowno', 'rownumber', 'seq', 'seqno', 'sequence', 'serialno', 'srno', 'slno', 'sno'],
    ...['序号', '序號', '顺序号', '順序號', '项次', '項次', '行号', '行號', '#'],
  ],
  note: ['note', 'notes', 'comment', 'comments', 'remark', 'remarks', '备注', '備註', '说明', '說明', '附註'],
};

const targets = new Map<string, ColumnTarget>(
  Object.entries(words).flatMap(([target, list]) =>
    list.map((word) => [word, target as ColumnTarget] as const),
  ),
);

/** The last column of a file of refused rows, when it is loaded again: see `campaigns:import.reasonColumn`. */
const reasonColumn: ReadonlySet<string> = new Set(['reason', '原因']);

export function isReasonColumn(header: string): boolean {
  return reasonColumn.has(header.trim().toLowerCase());
}

/** What a column of that name holds; null when the name says nothing. */
export function headerTarget(header: string): ColumnTarget | null {
  if (isReasonColumn(header)) return 'ignore';
  const plain = header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/[^\p{L}\p{N}#]/gu, '');
  return targets.get(plain) ?? targets.get(plain.replaceAll('#', '')) ?? null;
}
