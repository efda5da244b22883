import type { CallingHours } from '../../campaigns/index.ts';

const allDay = [['08:00', '21:00']] as const;

/** What the demo says, in the languages of its customers. */
export const demoWords = {
  hours: {
    mon: allDay,
    tue: allDay,
    wed: allDay,
    thu: allDay,
    fri: allDay,
    sat: allDay,
    sun: allDay,
  } satisfies CallingHours,
  lists: {
    latin: { name: 'Copper customers', description: 'Invented people who could have fibre' },
    chinese: { name: '茶友会员', description: '虚构的会员，用于演示' },
  },
  machineMessage: {
    en: 'This is Ringwise Demo, about fibre at your address. Please call us back; tell us then if you want no more calls.',
  },
  identification: {
    en: 'This is Ringwise Demo, calling about an offer. We are sorry that nobody was free to talk to you. To be called no more, press 9.',
    'zh-CN': '您好，这里是 Ringwise 演示。很抱歉，刚才没有坐席为您接听。如果不想再接到来电，请按 9。',
    'zh-TW': '您好，這裡是 Ringwise 示範。很抱歉，剛才沒有客服人員為您接聽。如果不想再接到來電，請按 9。',
  },
};

export const demoScripts: Record<'fibre' | 'tea', Record<string, string>> = {
  fibre: {
    en: [
      'Good day, am I speaking with {{salutation}}? My name is {{agent}}, from Ringwise Demo.',
      '',
      'You have had {{custom.plan}} with us since {{custom.since}}. Fibre has reached {{address}}, and I would like to tell you in one minute what it would change for you.',
    ].join('\n'),
    'zh-CN':
      '您好，请问是{{salutation}}吗？我是 Ringwise 演示的{{agent}}。您目前使用的是 {{custom.plan}} 套餐，{{address}}现在可以开通光纤了，想用一分钟为您介绍一下。',
    'zh-TW':
      '您好，請問是{{salutation}}嗎？我是 Ringwise 示範的{{agent}}。您目前使用的是 {{custom.plan}} 方案，{{address}}現在可以申裝光纖了，想用一分鐘為您介紹。',
  },
  tea: {
    en: 'Good day {{salutation}}, this is {{agent}} from Ringwise Demo Teas. Did this autumn’s parcel arrive well? We would like to know how you found the Tieguanyin.',
    'zh-CN': [
      '{{salutation}}您好，我是 Ringwise 演示茶行的{{agent}}。',
      '',
      '今年的秋茶已经寄到了吧？想听听您对铁观音的评价，另外会员这个月续订可以享受九折。',
    ].join('\n'),
    'zh-TW': [
      '{{salutation}}您好，我是 Ringwise 示範茶行的{{agent}}。',
      '',
      '今年的秋茶應該已經收到了吧？想聽聽您對鐵觀音的感想，另外會員這個月續訂可享九折。',
    ].join('\n'),
  },
};
