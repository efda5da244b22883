import { grouped, same, type Books, type Check } from './books.ts';

/** What must hold of every call, lead and agent once everybody has gone home and all is written. */
export async function checkCalls(books: Books): Promise<Check[]> {
  const { calls, leads, callEvents, agentEvents } = books;
  return [
    {
      name: 'each call has ended with one outcome',
      of: calls.length,
      wrong: calls.flatMap(({ id, state, outcome, ended_at }) =>
        state === 'ended' && outcome && ended_at ? [] : [`${id} is ${state}, ${outcome}`],
      ),
    },
    {
      name: 'each call has ended once, and events of calls follow upon each other',
      of: callEvents.length,
      wrong: chainOfCalls(books),
    },
    {
      name: 'states of agents follow upon each other, and end signed out',
      of: agentEvents.length,
      wrong: chainOfAgents(books),
    },
    { name: 'who was connected had an agent, and nobody else had', of: calls.length, wrong: talks(books) },
    {
      name: 'attempts of a lead are its calls, and its outcomes theirs',
      of: leads.length,
      wrong: attempts(books),
    },
    {
      name: 'no lead is left in somebody’s hands',
      of: leads.length,
      wrong: leads.flatMap(({ id, state }) => (state === 'dialing' ? [`lead ${id}`] : [])),
    },
    { name: 'no number was in two calls at a time', of: calls.length, wrong: atOnce(books) },
    { name: 'the gate has let each call leave', of: calls.length, wrong: await ungated(books) },
    { name: 'each talk that is to be recorded is, and nothing else', ...(await recordings(books)) },
    { name: 'each call stands once on its customer’s timeline', of: calls.length, wrong: await told(books) },
    { name: 'each promised callback is one lead’s', ...(await promises(books)) },
  ];
}

function chainOfCalls({ callEvents, calls, callOf }: Books): string[] {
  const ends = new Map<string, number>();
  const broken = callEvents.flatMap(({ call_id, event, from_state }, index) => {
    if (event === 'end') ends.set(call_id, (ends.get(call_id) ?? 0) + 1);
    if (!callOf.has(call_id)) return [`${call_id}: ${event} of no call`];
    const before = callEvents[index - 1];
    const from = before?.call_id === call_id ? before.to_state : null;
    return from_state === from ? [] : [`${call_id}: ${event} from ${from_state}, was ${from}`];
  });
  return [...broken, ...calls.flatMap(({ id }) => same(`ends of ${id}`, ends.get(id) ?? 0, 1))];
}

function chainOfAgents({ agentEvents }: Books): string[] {
  return agentEvents.flatMap(({ user_id, event, from_state, to_state }, index) => {
    const [before, next] = [agentEvents[index - 1], agentEvents[index + 1]];
    const from = before?.user_id === user_id ? before.to_state : 'signed-out';
    const follows = from_state === from || (from_state === null && before?.user_id !== user_id);
    const isAtWork = next?.user_id !== user_id && to_state !== 'signed-out';
    return follows && !isAtWork
      ? []
      : [`${user_id}: ${event} from ${from_state} to ${to_state}, was ${from}`];
  });
}

function talks({ calls, agentEvents }: Books): string[] {
  const withAgent = new Set(
    agentEvents.flatMap(({ to_state, call_id }) => (to_state === 'on-call' ? [call_id] : [])),
  );
  return calls.flatMap(({ id, connected_at, direction }) =>
    direction === 'internal' || (connected_at !== null) === withAgent.has(id) ? [] : [id],
  );
}

function attempts({ calls, leads }: Books): string[] {
  const dialled = grouped(
    calls.filter(({ lead_id, dialed_at }) => lead_id !== null && dialed_at !== null),
    ({ lead_id }) => lead_id!,
  );
  return leads.flatMap(({ id, attempts: count, tries, last_outcome }) => {
    const own = dialled.get(id) ?? [];
    const outcomes = (JSON.parse(tries ?? '{}') as { outcomes?: Record<string, number> }).outcomes ?? {};
    const tried = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
    const isLast = own.length === 0 || own.at(-1)!.outcome === last_outcome;
    if (count === own.length && tried === own.length && isLast) return [];
    const list = own.map(({ id: callId, path, outcome }) => `${callId} ${path} ${outcome}`).join(', ');
    return [`lead ${id}: ${count} attempts, ${tried} outcomes (last ${last_outcome}), calls: ${list}`];
  });
}

function atOnce({ calls }: Books): string[] {
  const outside = calls.filter(({ direction, dialed_at }) => direction === 'out' && dialed_at !== null);
  return [...grouped(outside, ({ e164 }) => e164).values()].flatMap((own) =>
    own.flatMap(({ id, dialed_at }, index) => {
      const before = own[index - 1];
      return before && dialed_at! < before.ended_at! ? [`${id} began within ${before.id}`] : [];
    }),
  );
}

async function ungated({ knex, calls }: Books): Promise<string[]> {
  const verdicts: { call_id: string }[] = await knex('gate_verdicts')
    .where({ stage: 'dial', decision: 'allow' })
    .whereNotNull('call_id')
    .select('call_id');
  const allowed = new Set(verdicts.map(({ call_id }) => call_id));
  return calls.flatMap(({ id, path, direction, dialed_at }) =>
    direction === 'internal' || dialed_at === null || allowed.has(id) ? [] : [`${id} ${path}`],
  );
}

async function recordings({ knex, calls, callOf }: Books): Promise<Omit<Check, 'name'>> {
  const rows: { call_id: string; state: string }[] = await knex('recordings').select('call_id', 'state');
  const campaigns: { id: number }[] = await knex('campaigns').where({ recording: 1 }).select('id');
  const recorded = new Set(rows.map(({ call_id }) => call_id));
  const recording = new Set(campaigns.map(({ id }) => id));
  const without = calls.filter(
    ({ id, campaign_id, connected_at, parent_id }) =>
      connected_at !== null && parent_id === null && recording.has(campaign_id!) && !recorded.has(id),
  );
  const wrong = rows.flatMap(({ call_id, state }) =>
    callOf.get(call_id)?.connected_at && state === 'stored' ? [] : [`${call_id}: ${state}`],
  );
  return { of: rows.length, wrong: [...wrong, ...without.map(({ id }) => `${id} has none`)] };
}

async function told({ knex, calls }: Books): Promise<string[]> {
  const entries: { call_id: string; n: number }[] = await knex('timeline_entries')
    .where({ kind: 'call' })
    .groupBy('call_id')
    .select('call_id')
    .count({ n: '*' });
  const times = new Map(entries.map(({ call_id, n }) => [call_id, Number(n)]));
  return calls.flatMap(({ id, path, outcome, parent_id, customer_id, direction }) => {
    const isCustomers = parent_id === null && direction === 'out' && customer_id !== null;
    return isCustomers ? same(`${id} ${path} ${outcome}`, times.get(id) ?? 0, 1) : [];
  });
}

async function promises({ knex, leads }: Books): Promise<Omit<Check, 'name'>> {
  const open: { lead_id: number; n: number }[] = await knex('callbacks')
    .where({ state: 'open' })
    .groupBy('lead_id')
    .select('lead_id')
    .count({ n: '*' });
  const promised = new Set(leads.flatMap(({ id, state }) => (state === 'callback' ? [id] : [])));
  const wrong = open.flatMap(({ lead_id, n }) =>
    promised.has(lead_id) && Number(n) === 1 ? [] : [`lead ${lead_id}: ${n}`],
  );
  return { of: open.length, wrong: [...wrong, ...same('leads with a promise', promised.size, open.length)] };
}
