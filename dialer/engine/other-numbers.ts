import type { ReservedLead } from '../../campaigns/index.ts';
import type { Verdict } from '../../campaigns/compliance/index.ts';
import { numbersLeft } from '../../campaigns/leads/index.ts';
import { createCustomerPhones } from '../../crm/customers/customer-phones.ts';
import type { DialerContext } from './context.ts';

export interface JudgedLead {
  readonly lead: ReservedLead;
  readonly verdict: Verdict;
}

/**
 * Where the number of a lead may never be called, its customer's next one is asked about, and so on in their order, until
 * one may be called now or at some time. Where none may, the answer about the first stands.
 */
export async function askOtherNumbers(
  ctx: Pick<DialerContext, 'app'>,
  judged: readonly JudgedLead[],
  ask: (leads: readonly ReservedLead[]) => Promise<Verdict[]>,
): Promise<JudgedLead[]> {
  const answers = [...judged];
  const isNever = ({ verdict }: JudgedLead) => verdict.outlook === 'never';
  let open = answers.flatMap((one, index) => (isNever(one) ? [{ index, lead: one.lead }] : []));
  if (open.length === 0) return answers;
  const phones = await createCustomerPhones(ctx.app).numbersOf(open.map(({ lead }) => lead.customerId)); // prettier-ignore
  for (let step = 0; open.length > 0; step++) {
    const next = open.flatMap(({ index, lead }) => {
      const { e164: asked } = judged[index]!.lead;
      const left = numbersLeft(lead, phones.get(lead.customerId) ?? []);
      const number = left.filter(({ e164 }) => e164 !== asked)[step];
      if (!number) return [];
      return [{ index, lead, other: { ...lead, e164: number.e164, phonePosition: number.position } }];
    });
    if (next.length === 0) break;
    const verdicts = await ask(next.map(({ other }) => other));
    open = next.filter(({ index, other }, at) => {
      const verdict = verdicts[at]!;
      if (verdict.outlook !== 'never') answers[index] = { lead: other, verdict };
      return verdict.outlook === 'never';
    });
  }
  return answers;
}
