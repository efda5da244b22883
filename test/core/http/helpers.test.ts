import assert from 'node:assert/strict';
import Handlebars from 'handlebars';
import { before, describe, it } from 'mocha';
import { createHelpers, createIcons } from '../../../core/http/index.ts';
import type { RequestContext } from '../../../core/http/context.ts';

describe('template helpers', () => {
  const hbs = Handlebars.create();
  before(() => hbs.registerHelper(createHelpers(createIcons(), (file) => `/assets/${file}`) as never));

  const context = {
    user: { id: 1, role: 'manager' },
    locale: 'en',
    zone: 'Asia/Taipei',
    t: (key: string, params: object) => `${key} ${JSON.stringify(params)}`,
    csrfToken: () => 'token"<',
  } as unknown as RequestContext;
  const render = (template: string, data: object = {}) => hbs.compile(template)({ context, ...data });

  it('escape what people typed, wherever it is printed', () => {
    const evil = '<img src=x onerror=alert(1)>';
    assert.doesNotMatch(render("{{t 'a:b' name=evil}}{{phone evil}}{{default evil 'x'}}", { evil }), /<img/);
    assert.doesNotMatch(render('{{csrf}}'), /token"</);
  });

  it('put JSON into a page in which no text can end the script', () => {
    const value = { text: '</script><!-- \u2028' };
    const text = render('{{json value}}', { value });
    assert.doesNotMatch(text, /<|\u2028/);
    assert.deepEqual(JSON.parse(text), value);
  });

  it('find the reader from any depth', () => {
    const rows = [{ at: 0 }];
    const text = render('{{#each rows}}{{#with this}}{{datetime at}}{{/with}}{{/each}}', { rows });
    assert.equal(text, '<time datetime="1970-01-01T00:00:00.000Z">Jan 1, 1970, 08:00</time>');
  });

  it('write a dash where there is nothing to write', () => {
    assert.equal(
      render('{{date x}}{{number x}}{{percent x}}{{duration x}}{{phone x}}', { x: null }),
      '–––––',
    );
  });

  it('take 0 as a number', () => {
    assert.equal(render('{{number 0}} {{percent 0}} {{duration 0}}'), '0 0.0% 0:00');
  });

  it('know roles, as a block and as a value', () => {
    const rows = [{ name: 'inner' }];
    const block =
      "{{#each rows}}{{#can 'manager'}}{{name}}{{else}}no{{/can}}{{#can 'agent'}}yes{{else}}no{{/can}}{{/each}}";
    assert.equal(render(block, { rows }), 'innerno');
    assert.equal(render("{{#if (can 'manager' 'agent')}}yes{{/if}}"), 'yes');
  });

  it('read form values by flat and nested names, and nothing inherited', () => {
    const form = {
      values: { name: 'x', hours: { from: '09:00' }, 'a.b': 1, days: ['1', '3'] },
      errors: { 'hours.from': 'late' },
    };
    assert.equal(render("{{field-value form 'name'}}{{field-value form 'a.b'}}", { form }), 'x1');
    assert.equal(
      render("{{field-value form 'hours[from]'}} {{field-error form 'hours[from]'}}", { form }),
      '09:00 late',
    );
    assert.equal(
      render("{{field-value form 'constructor'}}{{field-value form 'toString.name'}}", { form }),
      '',
    );
    assert.equal(
      render("{{field-chosen form 'days' 3}} {{field-chosen form 'days' 2}}", { form }),
      'true false',
    );
  });

  it('refuse an icon that is none', () => {
    assert.throws(() => render("{{icon '../../package'}}"), /not an icon name/);
    assert.match(
      render("{{icon 'phone' class='icon-small'}}"),
      /^<svg class="icon icon-small" aria-hidden="true"/,
    );
  });
});
