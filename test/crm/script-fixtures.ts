import type { App } from '../../core/app.ts';
import { createScriptStore, type ScriptContent } from '../../crm/index.ts';

export const ids = { greet: 'aaaaaaa1', offer: 'aaaaaaa2', home: 'aaaaaaa3', bye: 'aaaaaaa4' } as const;
export const chosen = { speed: 'bbbbbbb1', price: 'bbbbbbb2' } as const;

/** A greeting that branches on yes and no, several choices, a number that is saved, and two ends. */
export const guide: ScriptContent = {
  languages: ['en', 'zh-CN'],
  steps: [
    {
      ...{
        id: ids.greet,
        title: 'Greeting',
        text: { en: 'Hello {{salutation}}.', 'zh-CN': '您好{{salutation}}。' },
      },
      question: {
        ...{ kind: 'yes-no', required: true, saveTo: null, options: [] },
        words: { en: 'A good moment?', 'zh-CN': '现在方便吗？' },
      },
      branches: [{ condition: { on: 'answer', operator: 'is', value: 'no' }, to: ids.bye }],
      ...{ next: 'following', disposition: null },
    },
    {
      ...{
        id: ids.offer,
        title: 'Offer',
        text: { en: 'You have {{custom.plan}}.', 'zh-CN': '您有{{custom.plan}}。' },
      },
      question: {
        ...{ kind: 'choices', required: false, saveTo: null },
        words: { en: 'What matters?', 'zh-CN': '看重什么？' },
        options: [
          { id: chosen.speed, words: { en: 'Speed', 'zh-CN': '速度' } },
          { id: chosen.price, words: { en: '=Price', 'zh-CN': '价格' } },
        ],
      },
      ...{ branches: [], next: 'following', disposition: null },
    },
    {
      ...{ id: ids.home, title: 'Household', text: { en: 'So that it fits.', 'zh-CN': '为了合适。' } },
      question: {
        ...{ kind: 'number', required: false, saveTo: 'household', options: [] },
        words: { en: 'How many people?', 'zh-CN': '几个人？' },
      },
      ...{ branches: [], next: 'end', disposition: 'sale' },
    },
    {
      ...{
        id: ids.bye,
        title: 'Goodbye',
        text: { en: 'Another time.', 'zh-CN': '改天再聊。' },
        question: null,
      },
      ...{ branches: [], next: 'end', disposition: 'refused' },
    },
  ],
};

export async function publishedScript(app: App, content = guide, name = 'Spring guide'): Promise<number> {
  const scripts = createScriptStore(app);
  const by = { userId: null, at: app.clock.now() };
  const id = await scripts.create(name, content, by);
  const version = await scripts.publish((await scripts.get(id))!, by);
  if (version === null) throw new Error('it was not published');
  return id;
}
