import type { LiveView, Words } from './view.ts';

type Part = Node | string;

/** Builds an element; texts are always set as text, never as markup. */
function el(tag: string, className: string, ...children: Part[]): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

const fill = (text: string, params: Record<string, string>) =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => params[name] ?? '');

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  return `${hours ? `${hours}:${two(Math.floor(seconds / 60) % 60)}` : Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** State → colour of the state, the same on every page; icon and word stand beside it. */
const agentColour: Record<string, string> = {
  ready: 'green',
  reserved: 'cyan',
  'on-call': 'blue',
  wrapup: 'orange',
  paused: 'secondary',
};
const agentMark: Record<string, string> = {
  ready: '●',
  reserved: '◎',
  'on-call': '☎',
  wrapup: '✎',
  paused: '❚❚',
};
const agentOrder = ['on-call', 'wrapup', 'reserved', 'ready', 'paused'];
const outcomeColour: Record<string, string> = { answered: 'green', abandoned: 'red', machine: 'purple' };

/** Draws the whole view into the page's marked places. Unchanged parts keep their nodes. */
export function render(root: HTMLElement, view: LiveView, words: Words, locale: string, now: number): void {
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const rate = (value: number | null) => (value === null ? '–' : percent.format(value));
  const time = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: view.campaign.zone,
  });
  const put = (name: string, ...children: Part[]) => {
    const place = root.querySelector(`[data-bind="${name}"]`);
    if (!place) return;
    const next = document.createElement('div');
    next.append(...children);
    if (place.innerHTML !== next.innerHTML) place.replaceChildren(...next.childNodes);
  };
  const pairs = (rows: [string, string][]) =>
    rows.map(([name, value]) => el('div', '', el('dt', '', name), el('dd', '', value)));

  const badge = root.querySelector('[data-bind="campaign-state"]')!;
  badge.className = `badge ms-2 ${view.campaign.state === 'running' ? 'bg-green-lt' : 'bg-secondary-lt'}`;
  put('campaign-state', words.campaignState[view.campaign.state] ?? view.campaign.state);
  for (const form of root.querySelectorAll<HTMLElement>('[data-control]')) {
    const running = view.campaign.state === 'running';
    const shown =
      form.dataset.control === 'start'
        ? !running && view.campaign.state !== 'finished'
        : form.dataset.control === 'pause'
          ? running
          : running || view.campaign.state === 'paused';
    form.hidden = !shown;
  }

  const { lines, pacing } = view;
  const inFlight = lines.created + lines.dialing + lines.ringing + lines.detecting + lines.waiting;
  put('dialing', view.notDialing ? words.no : words.yes);
  root.querySelector('[data-bind="dialing"]')!.classList.toggle('text-orange', view.notDialing !== null);
  put(
    'dialing-why',
    ...(view.notDialing
      ? [
          view.notDialing.text,
          ...(view.notDialing.until
            ? [' ', fill(words.againAt, { at: time.format(view.notDialing.until) })]
            : []),
        ]
      : [pacing ? fill(words.linesInFlight, { lines: number.format(inFlight) }) : '']),
  );
  put(
    'lines',
    ...pairs(
      (['ringing', 'waiting', 'connected', 'announcing'] as const).map((state) => [
        words.lines[state] ?? state,
        number.format(
          state === 'ringing'
            ? lines.dialing + lines.ringing + lines.created
            : state === 'connected'
              ? lines.connected + lines.held
              : state === 'waiting'
                ? lines.waiting + lines.detecting
                : lines[state],
        ),
      ]),
    ),
  );

  const { window, campaign } = view;
  const over = window.owed > 0;
  put('abandon-rate', rate(window.rate));
  root.querySelector('[data-bind="abandon-rate"]')!.classList.toggle('text-red', over);
  const gauge = root.querySelector<HTMLElement>('[data-bind="gauge"]')!;
  const scale = campaign.abandonCap * 1.5 || 0.045;
  gauge.style.setProperty('--fill', `${Math.min(100, ((window.rate ?? 0) / scale) * 100)}%`);
  gauge.style.setProperty('--cap', `${Math.min(100, (campaign.abandonCap / scale) * 100)}%`);
  gauge.classList.toggle('over', over);
  const capText = fill(words.cap, { cap: percent.format(campaign.abandonCap) });
  gauge.setAttribute('aria-label', `${rate(window.rate)} · ${capText}`);
  put(
    'budget',
    window.connected + window.abandoned === 0
      ? words.noAnswersYet
      : window.owed === 0
        ? fill(words.budgetLeft, { count: number.format(window.budgetLeft) })
        : fill(words.budgetSpent, { count: number.format(window.owed) }),
  );
  const hours = campaign.abandonWindowMs / 3_600_000;
  put(
    'window',
    `${capText} · ${fill(hours >= 48 ? words.windowDays : words.windowHours, {
      count: number.format(hours >= 48 ? Math.round(hours / 24) : Math.round(hours)),
    })} · ${number.format(window.abandoned)} / ${number.format(window.connected + window.abandoned)}`,
  );

  put('sales', number.format(view.today.sales));
  put(
    'selling',
    ...pairs([
      [words.rates.conversion, rate(view.rates.conversion)],
      [words.rates.contact, rate(view.rates.contact)],
      [words.rates.attempts, number.format(view.today.attempts)],
      [words.rates.connected, number.format(view.today.connected)],
      [
        words.rates.answerWait,
        view.rates.answerWaitMs === null ? '–' : `${(view.rates.answerWaitMs / 1_000).toFixed(2)} s`,
      ],
    ]),
  );

  const agents = [...view.agents].sort(
    (a, b) => agentOrder.indexOf(a.state) - agentOrder.indexOf(b.state) || a.since - b.since,
  );
  put('agents-count', fill(words.agentsSignedIn, { count: number.format(agents.length) }));
  put(
    'agents',
    agents.length === 0
      ? el('p', 'text-secondary m-2', words.noAgents)
      : el(
          'div',
          'dashboard-agents',
          el('div', 'dashboard-agent-sums', ...agentSums(agents, words, number)),
          ...agents.map((agent) =>
            el(
              'div',
              'dashboard-agent',
              el('span', `text-${agentColour[agent.state] ?? 'secondary'}`, agentMark[agent.state] ?? '·'),
              el('span', 'text-truncate', agent.name),
              el('span', 'text-secondary', words.agentState[agent.state] ?? agent.state),
              el('span', 'dashboard-time', duration(now - agent.since)),
            ),
          ),
        ),
  );

  put('funnel', ...funnel(view, words, number, percent));
  put(
    'calls',
    ...(view.lastCalls.length === 0
      ? [noCallsRow(words.noCalls)]
      : view.lastCalls.map((call) => {
          const result = call.outcome
            ? (words.outcome[call.outcome] ?? call.outcome)
            : (words.callState[call.state] ?? call.state);
          const colour = call.outcome ? (outcomeColour[call.outcome] ?? 'secondary') : 'cyan';
          const customer = call.customerId
            ? el('a', 'text-reset', call.customer ?? call.phone ?? '–')
            : el('span', '', call.phone ?? '–');
          if (call.customerId) customer.setAttribute('href', `/customers/${call.customerId}`);
          return el(
            'tr',
            '',
            el('td', 'text-nowrap dashboard-time', time.format(call.at)),
            el(
              'td',
              'dashboard-customer',
              customer,
              el('span', 'text-secondary ms-2 text-nowrap', call.phone ?? ''),
            ),
            el(
              'td',
              '',
              el('span', `badge bg-${colour}-lt`, result),
              ...(call.disposition ? [' ', el('span', 'text-secondary', call.disposition)] : []),
            ),
            el('td', 'text-nowrap', call.agent ?? ''),
            el('td', 'text-end dashboard-time', call.talkMs === null ? '' : duration(call.talkMs)),
          );
        })),
  );
}

function agentSums(agents: LiveView['agents'], words: Words, number: Intl.NumberFormat): HTMLElement[] {
  return agentOrder.map((state) =>
    el(
      'span',
      `badge bg-${agentColour[state]}-lt`,
      `${agentMark[state]} ${words.agentState[state] ?? state} ${number.format(agents.filter((a) => a.state === state).length)}`,
    ),
  );
}

function noCallsRow(text: string): HTMLElement {
  const cell = el('td', 'text-secondary', text);
  cell.setAttribute('colspan', '5');
  return el('tr', '', cell);
}

const leadOrder = ['new', 'waiting', 'callback', 'reserved', 'dialing', 'done', 'exhausted', 'blocked'];

function funnel(
  view: LiveView,
  words: Words,
  number: Intl.NumberFormat,
  percent: Intl.NumberFormat,
): HTMLElement[] {
  const { leads } = view;
  if (leads.loaded === 0) return [el('p', 'text-secondary', words.noLeads)];
  const line = (name: string, count: number, strong = false) => {
    const bar = el('div', 'dashboard-bar-fill');
    bar.style.width = `${(count / leads.loaded) * 100}%`;
    return el(
      'div',
      `dashboard-bar-row${strong ? ' fw-bold' : ''}`,
      el('span', '', name),
      el('span', 'dashboard-bar', bar),
      el('span', 'dashboard-time', number.format(count)),
    );
  };
  return [
    line(words.loaded, leads.loaded, true),
    line(
      fill(words.penetration, { rate: percent.format(leads.attempted / leads.loaded) }),
      leads.attempted,
      true,
    ),
    ...leadOrder
      .filter((state) => leads.byState[state])
      .map((state) => line(words.leadState[state] ?? state, leads.byState[state]!)),
  ];
}
