import { Router } from 'express';
import type { App } from '../../core/app.ts';
import { createCampaignStore } from '../../campaigns/campaigns/index.ts';
import { guard, HttpProblem, userOf, validate } from '../../core/http/index.ts';
import { createCustomerStore, readPhone } from '../../crm/index.ts';
import { gateRefusalInWords } from '../gate-refusal.ts';
import type { AgentSnapshot, DialerCommands } from '../protocol.ts';
import { phoneRingsMs, ringsPhone, workspaceCommands, type WorkspaceCommand } from './command-names.ts';
import { commandSchemas } from './commands.ts';
import type { Dispositions } from './dispositions.ts';

type NoteInput = Parameters<Dispositions['addNote']>[1];
type Disposing = Parameters<Dispositions['handIn']>[1];
type Dial = Omit<DialerCommands['agent.dial'][0], 'userId'>;
type Transfer = { callId: string; colleagueId?: number; campaignId?: number; number?: string };
type TypedDial = Omit<Dial, 'e164'> & { e164?: string; number?: string };

/**
 * POST /workspace/<command>: hands the agent's wish to the dialer and answers with the new snapshot. A refusal comes
 * as a problem in the agent's words. Who asks is always who is signed in: nobody can act for another here.
 */
export function commandRoutes(app: App, dispositions: Dispositions): Router {
  const router = Router();
  const customers = createCustomerStore(app);
  const campaigns = createCampaignStore(app);

  /** @throws HttpProblem 422 where what was typed is no number, abroad nor in the campaign's country */
  async function withNumber({ number = '', e164, ...dial }: TypedDial): Promise<Dial> {
    if (e164) return { ...dial, e164 };
    const campaign = await campaigns.get(dial.campaignId);
    const reading = readPhone(number, campaign?.defaultCountry ?? '');
    if (!reading.ok) throw new HttpProblem(422, 'dial-number-wrong');
    return { ...dial, e164: reading.e164 };
  }

  /** A typed number that belongs to exactly one customer is that customer's call. */
  async function withCustomer(dial: Dial): Promise<Dial> {
    if (dial.customerId !== undefined) return dial;
    const [only, ...others] = await customers.withPhone(dial.e164);
    return only && others.length === 0 ? { ...dial, customerId: only.id } : dial;
  }

  async function withTarget({ callId, colleagueId, campaignId, number }: Transfer): Promise<object> {
    if (colleagueId !== undefined) return { callId, to: { userId: colleagueId } };
    const { e164 } = await withNumber({ campaignId: campaignId ?? 0, number });
    return { callId, to: { e164 } };
  }

  async function payloadOf(command: WorkspaceCommand, userId: number, input: object): Promise<object> {
    if (command === 'transfer' || command === 'consult')
      return { userId, ...(await withTarget(input as Transfer)) };
    if (command === 'dial') return { ...(await withCustomer(await withNumber(input as TypedDial))), userId };
    return { ...input, userId };
  }

  for (const command of workspaceCommands) {
    const check = validate({ body: commandSchemas[command] });
    router.post(`/workspace/${command}`, guard('agent', 'supervisor'), check, async (req, res) => {
      const input = check.of(req).body;
      if (command === 'dispose') return void res.json(await dispositions.handIn(req, input as Disposing));
      if (command === 'note') return void res.json(await dispositions.addNote(req, input as NoteInput));
      const payload = await payloadOf(command, userOf(req).id, input);
      const snapshot = await app.bus
        .request<AgentSnapshot>(`agent.${command}`, payload, {
          timeoutMs: ringsPhone.has(command) ? phoneRingsMs : undefined,
        })
        .catch((error: unknown) => {
          throw gateRefusalInWords(req, error);
        });
      res.json(snapshot);
    });
  }

  return router;
}
