import type { App } from '../../core/app.ts';
import { createCampaignStore, type Disposition } from '../../campaigns/index.ts';
import {
  createAnswerStore,
  createScriptStore,
  walkOf,
  type ScriptContent,
  type ScriptQuestion,
} from '../../crm/index.ts';
import { advance, answerField, nextOf, type Place } from '../../crm/script/script-walk.ts';
import { createAnswerKeeper } from '../../dialer/answers/index.ts';
import type { AgentCall } from '../../dialer/protocol.ts';

/** A way to the end that goes with the disposition is looked for so often. */
const tries = 30;
const remarks = ['Asks again in spring', 'Wants it in writing', 'Has to ask at home'];

/** What customers of the demo answer to the script that robots read to them. */
export function createRobotAnswers(app: App) {
  const campaigns = createCampaignStore(app);
  const scripts = createScriptStore(app);
  const readings = createAnswerStore(app);
  const keeper = createAnswerKeeper(app);

  return async (call: AgentCall, userId: number, { code }: Disposition): Promise<void> => {
    const campaign = call.outcome === 'answered' ? await campaigns.get(call.campaignId) : null;
    const version = campaign?.scriptId == null ? null : await scripts.newest(campaign.scriptId);
    if (!version) return;
    const typed = answersTo(version.content, code);
    if (!typed) return;
    const { id, campaignId, customerId } = call;
    const now = app.clock.now();
    await readings.open(id, version.id, campaignId, now);
    await keeper.keep({ id, campaignId, customerId, userId }, typed, now);
  };
}

/** Null: no way that was tried ends with that disposition. */
function answersTo(content: ScriptContent, code: string): Record<string, string> | null {
  const walk = walkOf(content, null);
  for (let round = 0; round < tries; round += 1) {
    const typed: Record<string, string> = {};
    let place: Place = { path: [walk[0]!.id], at: 0 };
    while (place.path.length <= content.steps.length) {
      const at = content.steps.findIndex(({ id }) => id === place.path[place.at]);
      const { id, question, disposition } = content.steps[at]!;
      const answer = question ? invented(question) : '';
      if (question) typed[answerField(id, question.kind)] = answer;
      const next = nextOf(walk[at]!, answer);
      if (next !== null) place = advance(place, next);
      else if (disposition !== code) break;
      else return { ...typed, scriptPath: place.path.join(','), scriptAt: String(place.at) };
    }
  }
  return null;
}

function invented({ kind, options }: ScriptQuestion): string {
  const one = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
  switch (kind) {
    case 'yes-no':
      return Math.random() < 0.8 ? 'yes' : 'no';
    case 'choice':
      return one(options).id;
    case 'choices':
      return options.filter(() => Math.random() < 0.4).map(({ id }) => id).join(); // prettier-ignore
    case 'number':
      return String(1 + Math.floor(Math.random() * 5));
    case 'date':
      return Math.random() < 0.5
        ? `2027-01-${String(4 + Math.floor(Math.random() * 5)).padStart(2, '0')}`
        : '';
    default:
      return Math.random() < 0.3 ? one(remarks) : '';
  }
}
