import type { ScriptContent, ScriptStep } from '../../crm/index.ts';
import { demoScripts } from './words.ts';

/** A field of the firm's own that an answer is saved into, and what people call it. */
export const demoField = 'household';
export const demoFieldLabels = `${demoField} = People in the household`;

const words = (en: string, cn: string, tw: string) => ({ en, 'zh-CN': cn, 'zh-TW': tw });
const step = (
  id: string,
  title: string,
  text: ScriptStep['text'],
  part: Partial<ScriptStep> = {},
): ScriptStep => ({ id, title, text, question: null, branches: [], next: 'end', disposition: null, ...part });
const answers = (value: string, to: string): ScriptStep['branches'][number] => ({
  condition: { on: 'answer', operator: 'is', value },
  to,
});
const option = (id: string, en: string, cn: string, tw: string) => ({ id, words: words(en, cn, tw) });

const ids = {
  greeting: 'f1b70001',
  offer: 'f1b70002',
  faster: 'f1b70003',
  home: 'f1b70004',
  decision: 'f1b70005',
  signUp: 'f1b70006',
  thinking: 'f1b70007',
  refused: 'f1b70008',
  later: 'f1b70009',
} as const;

/** The guide of the fibre campaign: a question of each kind, branches by answer and by customer, and four ends. */
export const fibreScript: ScriptContent = {
  languages: ['en', 'zh-CN', 'zh-TW'],
  steps: [
    step(ids.greeting, 'Greeting', demoScripts.fibre, {
      question: {
        kind: 'yes-no',
        words: words('Is this a good moment?', '现在方便说话吗？', '現在方便說話嗎？'),
        ...{ required: true, saveTo: null, options: [] },
      },
      branches: [
        answers('no', ids.later),
        {
          condition: { on: 'customer', field: 'custom.plan', operator: 'contains', value: 'fibre' },
          to: ids.faster,
        },
      ],
      next: 'following',
    }),
    step(
      ids.offer,
      'What fibre changes',
      words(
        'Your {{custom.plan}} comes over the old line. Fibre is ten times as fast at the same price for the first year.\n\nThe fitter comes once and stays for an hour.',
        '您的 {{custom.plan}} 走的是旧线路。光纤的速度快十倍，第一年价格不变。\n\n安装师傅上门一次，大约一小时。',
        '您的 {{custom.plan}} 走的是舊線路。光纖的速度快十倍，第一年價格不變。\n\n安裝人員到府一次，大約一小時。',
      ),
      {
        question: {
          kind: 'choices',
          words: words('What matters most to you?', '您最看重什么？', '您最看重什麼？'),
          ...{ required: false, saveTo: null },
          options: [
            option('0a000001', 'Speed', '速度', '速度'),
            option('0a000002', 'Price', '价格', '價格'),
            option('0a000003', 'That it is steady', '稳定', '穩定'),
            option('0a000004', 'Television', '电视', '電視'),
          ],
        },
        next: ids.home,
      },
    ),
    step(
      ids.faster,
      'More speed',
      words(
        'You have {{custom.plan}} already. The same line now carries 1000 megabits, for a little more a month.',
        '您已经在用 {{custom.plan}}。同一条线路现在可以升到 1000 兆，每月只多一点。',
        '您已經在用 {{custom.plan}}。同一條線路現在可以升到 1000M，每月只多一點。',
      ),
      { next: 'following' },
    ),
    step(
      ids.home,
      'The household',
      words('So that I propose the right one:', '为了给您推荐合适的方案：', '為了推薦適合您的方案：'),
      {
        question: {
          kind: 'number',
          words: words('How many people use the line?', '家里有几个人使用？', '家裡有幾個人使用？'),
          ...{ required: false, saveTo: demoField, options: [] },
        },
        next: 'following',
      },
    ),
    step(
      ids.decision,
      'Decision',
      words(
        'I can reserve it for you now, {{salutation}}. You may withdraw within fourteen days.',
        '{{salutation}}，我现在就可以为您预留，十四天内可以取消。',
        '{{salutation}}，我現在就可以為您保留，十四天內可以取消。',
      ),
      {
        question: {
          kind: 'choice',
          words: words('Shall I sign you up?', '要为您办理吗？', '要為您辦理嗎？'),
          ...{ required: true, saveTo: null },
          options: [
            option('0b000001', 'Yes', '办理', '辦理'),
            option('0b000002', 'Will think about it', '再考虑', '再考慮'),
            option('0b000003', 'No, thank you', '不需要', '不需要'),
          ],
        },
        branches: [
          answers('0b000001', ids.signUp),
          answers('0b000002', ids.thinking),
          answers('0b000003', ids.refused),
        ],
      },
    ),
    step(
      ids.signUp,
      'Signing up',
      words(
        'Thank you. The fitter calls the day before.',
        '谢谢您。安装师傅会提前一天联系您。',
        '謝謝您。安裝人員會在前一天聯絡您。',
      ),
      {
        question: {
          kind: 'date',
          words: words('From which day?', '从哪天开始？', '從哪天開始？'),
          ...{ required: false, saveTo: null, options: [] },
        },
        disposition: 'sale',
      },
    ),
    step(
      ids.thinking,
      'Thinking it over',
      words('Of course. I will send you the figures.', '好的，我把资料发给您。', '好的，我把資料寄給您。'),
      {
        question: {
          kind: 'short-text',
          words: words('What would help to decide?', '还需要了解什么？', '還需要了解什麼？'),
          ...{ required: false, saveTo: null, options: [] },
        },
        disposition: 'no_decision',
      },
    ),
    step(
      ids.refused,
      'Thanks anyway',
      words(
        'Thank you for your time. Have a good day.',
        '感谢您的时间，祝您愉快。',
        '感謝您的時間，祝您愉快。',
      ),
      {
        question: {
          kind: 'long-text',
          words: words('Why not?', '不需要的原因？', '不需要的原因？'),
          ...{ required: false, saveTo: null, options: [] },
        },
        disposition: 'refused',
      },
    ),
    step(
      ids.later,
      'Another time',
      words(
        'I am sorry to disturb you. When may I call again?',
        '打扰您了。什么时候再打给您方便？',
        '打擾您了。什麼時候再打給您方便？',
      ),
      { disposition: 'callback' },
    ),
  ],
};
