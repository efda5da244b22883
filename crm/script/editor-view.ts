import type { Request } from 'express';
import type { App } from '../../core/app.ts';
import { userOf, type RequestContext } from '../../core/http/index.ts';
import { customFieldNames } from '../customers/custom-fields.ts';
import { customerLanguages, languageName } from '../customers/countries.ts';
import { fieldLabels, labelledFields } from '../customers/field-labels.ts';
import { countryLabel, createCustomerStore, type Customer, type CustomerFilter } from '../customers/index.ts'; // prettier-ignore
import { customField, mergeFields, scriptProblemParams, type ScriptProblem } from './merge.ts';
import { readingPart, readingView } from './reading-view.ts';
import { checkContent, type ContentProblem } from './script-check.ts';
import type { Edited } from './script-edit.ts';
import { titleOf, waysOf, whenOf, whensOf } from './step-words.ts';
import type { ScriptSurroundings } from './script-surroundings.ts';
import {
  conditionFields,
  fieldOperators,
  hasOptions,
  mostSteps,
  questionKinds,
  wordsIn,
  type Script,
  type ScriptContent,
} from './script.ts';

/** The data of the editor's parts. */
export function createEditorView(app: App, surroundings: ScriptSurroundings) {
  const customers = createCustomerStore(app);

  /** The firm's own fields that an answer may go to, a branch may ask for, or a text may name. */
  async function ownFields(): Promise<{ name: string; label: string }[]> {
    const labelOf = await fieldLabels(app);
    const names = [...(await customFieldNames(app)), ...(await labelledFields(app))];
    return [...new Set(names)].map((name) => ({ name, label: labelOf(name) }));
  }

  async function problemsOf(content: ScriptContent): Promise<ContentProblem[]> {
    const dispositions = await surroundings.dispositions();
    return checkContent(content, {
      ownFields: (await ownFields()).map(({ name }) => name),
      dispositions: dispositions.map(({ code }) => code),
    });
  }

  /** Steps as a list with arrows, and what is wrong: what stands beside the form and follows it. */
  async function beside({ context }: Request, { content, stepId, language }: Edited) {
    const problems = await problemsOf(content);
    const labelOf = await fieldLabels(app);
    const wrong = (id: string, level: ContentProblem['level']) =>
      problems.filter((problem) => problem.stepId === id && problem.level === level).length;
    return {
      flow: content.steps.map((step, index) => ({
        id: step.id,
        place: index + 1,
        title: titleOf(content, step.id, context),
        current: step.id === stepId,
        first: index === 0,
        last: index === content.steps.length - 1,
        asks: step.question !== null,
        blocks: wrong(step.id, 'blocks'),
        warns: wrong(step.id, 'warns'),
        ways: waysOf(context, content, index, language, labelOf),
      })),
      problems: problems.map((problem) => ({
        ...problem,
        text: problemText(context, problem),
      })),
      blocked: problems.some(({ level }) => level === 'blocks'),
    };
  }

  /** The form of one step. */
  async function form({ context }: Request, { content, stepId, language }: Edited) {
    const { t, locale } = context;
    const step = content.steps.find(({ id }) => id === stepId) ?? content.steps[0]!;
    const { question } = step;
    const own = await ownFields();
    const targets = [
      ...(content.steps.at(-1)?.id === step.id
        ? []
        : [{ value: 'following', label: t('scripts:target.following') }]),
      { value: 'end', label: t('scripts:target.end') },
      ...content.steps.map(({ id }) => ({ value: id, label: titleOf(content, id, context) })),
    ];
    const known = (value: string) => targets.some((target) => target.value === value);
    const chooseTarget = (value: string) => [
      ...targets.map((target) => ({ ...target, chosen: target.value === value })),
      // What is wrong has to be seen to be put right.
      ...(known(value) ? [] : [{ value, label: t('scripts:target.gone'), chosen: true }]),
    ];
    const choose = (options: readonly { value: string; label: string }[], value: string, gone?: string) => [
      ...options.map((option) => ({ ...option, chosen: option.value === value })),
      ...(value && !options.some((option) => option.value === value)
        ? [{ value, label: gone ?? value, chosen: true }]
        : []),
    ];
    const labelOf = await fieldLabels(app);
    const dispositions = (await surroundings.dispositions()).map(({ code, names }) => ({
      value: code,
      label: names[locale] ?? names.en ?? code,
    }));
    const fieldChoices = [
      ...conditionFields.map((value) => ({ value: value as string, label: t(`scripts:fields.${value}`) })),
      ...own.map(({ name, label }) => ({ value: `custom.${name}`, label })),
    ];
    return {
      step: {
        id: step.id,
        title: step.title,
        text: step.text[language] ?? '',
        words: question?.words[language] ?? '',
        required: question?.required ?? false,
        next: chooseTarget(step.next),
        disposition: choose(dispositions, step.disposition ?? ''),
        saveTo: choose(own.map(({ name, label }) => ({ value: name, label })), question?.saveTo ?? '', question?.saveTo ? labelOf(question.saveTo) : ''), // prettier-ignore
        kinds: questionKinds.map((value) => ({
          ...{ value, label: t(`scripts:kinds.${value}`), chosen: question?.kind === value },
        })),
        asks: question !== null,
        hasOptions: question !== null && hasOptions(question.kind),
        options: (question?.options ?? []).map((option, index) => ({
          ...{ id: option.id, index, first: index === 0 },
          words: option.words[language] ?? '',
          // In another language, what is to be translated stands beside it.
          original: option.words[language]
            ? ''
            : wordsIn(option.words, content.languages[0]!, content.languages),
        })),
        branches: step.branches.map(({ condition, to }, index) => ({
          index,
          first: index === 0,
          whens: choose(
            whensOf(context, step, language, content.languages),
            whenOf(condition),
            t('scripts:when.gone'),
          ),
          fields: choose(fieldChoices, condition.on === 'customer' ? condition.field : 'language', condition.on === 'customer' ? condition.field.replace(/^custom\./, '') : ''), // prettier-ignore
          operators: fieldOperators.map((value) => ({
            ...{ value, label: t(`scripts:operators.${value}`) },
            chosen: condition.on === 'customer' && condition.operator === value,
          })),
          value: condition.operator === 'is' && condition.on === 'answer' && question?.kind !== 'number' ? '' : condition.value, // prettier-ignore
          targets: chooseTarget(to),
        })),
      },
      originalText: step.text[language]?.trim()
        ? ''
        : wordsIn(step.text, content.languages[0]!, content.languages),
      mergeFields: [
        ...mergeFields.map((field) => ({
          field: `{{${field}}}`,
          label: t(`campaigns:mergeFields.${field}`),
        })),
        ...own.flatMap(({ name, label }) => {
          const field = customField(name);
          return field === null ? [] : [{ field, label }];
        }),
      ],
      language,
      languages: content.languages.map((tag) => ({
        ...{ tag, name: languageName(tag, locale), current: tag === language },
      })),
      newLanguages: customerLanguages
        .filter((tag) => !content.languages.includes(tag))
        .map((tag) => ({ value: tag, label: languageName(tag, locale) })),
      mayRemoveLanguage: content.languages.length > 1,
      mayRemoveStep: content.steps.length > 1,
      mayAddStep: content.steps.length < mostSteps,
    };
  }

  /** Who the script is tried out with: whom one looks for, else whoever came last, in the campaign's country if anybody did. */
  async function sample(query: string, country: string | undefined): Promise<Customer | null> {
    if (query.trim()) return (await customers.search(query, 1))[0] ?? null;
    const last = async (filter: CustomerFilter) =>
      (await customers.list(filter, { sort: 'id', direction: 'desc', limit: 1, offset: 0 })).rows[0];
    return (country && (await last({ region: country }))) || ((await last({})) ?? null);
  }

  /** The script as an agent would have it before them, to be clicked through. */
  async function preview(
    req: Request,
    content: ScriptContent,
    { scriptId, query = '', language }: { scriptId: number; query?: string; language?: string },
  ) {
    const { context } = req;
    const campaign = await surroundings.campaignOf(scriptId);
    const customer = await sample(query, campaign?.country);
    const labelOf = await fieldLabels(app);
    const dispositions = await surroundings.dispositions();
    const shown = language && customer ? { ...customer, language } : customer;
    return {
      sample: customer && { name: customer.name },
      sampleCampaign: campaign && { name: campaign.name, country: countryLabel(campaign.country, context.locale) }, // prettier-ignore
      ...readingPart(
        readingView(
          content,
          shown,
          {},
          {
            locale: language ?? context.locale,
            said: {
              agent: userOf(req).name,
              campaign: campaign?.name ?? context.t('scripts:preview.campaign'),
            },
            nameOf: (field) => (field.startsWith('custom.') ? labelOf(field.slice('custom.'.length)) : context.t(`workspace:script.fields.${field}`, { defaultValue: field })), // prettier-ignore
            yesNo: (value) => context.t(`scripts:answers.${value}`),
            disposition: (code) => {
              const names = dispositions.find((one) => one.code === code)?.names;
              return names ? { id: 0, name: names[context.locale] ?? names.en ?? code } : null;
            },
          },
        ),
      ),
    };
  }

  return { beside, form, preview, problemsOf };
}

/** How far a script is: what is published, and whether something newer is written. */
export function standOf({ version, revision, publishedRevision, archivedAt }: Script) {
  if (archivedAt !== null) return { badge: 'off', icon: 'archive', key: 'scripts:stand.archived' };
  if (version === 0) return { badge: 'paused', icon: 'pencil', key: 'scripts:stand.draft' };
  if (revision !== publishedRevision)
    return { badge: 'reserved', icon: 'pencil', key: 'scripts:stand.changed' };
  return { badge: 'ready', icon: 'circle-check', key: 'scripts:stand.published' };
}

function problemText({ t, locale }: RequestContext, { code, params, language }: ContentProblem): string {
  const written = language === undefined ? '' : languageName(language, locale);
  if (code === 'merge-field') {
    const { code: which } = params.problem as ScriptProblem;
    const said = t(`crm:scriptProblems.${which}`, scriptProblemParams(params.problem as ScriptProblem));
    return t('scripts:checks.merge-field', { step: params.step, language: written, said });
  }
  const place = params.branch ? t('scripts:checks.inBranch', { branch: params.branch }) : '';
  return t(`scripts:checks.${code}`, { ...params, language: written, place });
}
