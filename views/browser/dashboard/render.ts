import type { OffsetsAhead } from '../../../core/time/local-time.ts';
import { joinSentences } from '../../../core/i18n/sentences.ts';
import { localClock } from '../shared/local-clock.ts';
import { say } from '../shared/words.ts';
import { duration, el, pairs, put, stateBadge } from './elements.ts';
import type { LiveView } from './view.ts';

/** State → class of its colour, the same on every page. */
const agentColour = {
  'on-call': 'call',
  wrapup: 'wrapup',
  reserved: 'reserved',
  ready: 'ready',
  paused: 'paused',
  'signed-out': 'off',
} as const;
const agentOrder = ['on-call', 'wrapup', 'reserved', 'ready', 'paused'] as const;
const leadOrder = ['new', 'waiting', 'callback', 'reserved', 'dialing', 'done', 'exhausted', 'blocked'];
const outcomeColour: Record<string, string> = { answered: 'ready', abandoned: 'lost' };

interface Formats {
  number: Intl.NumberFormat;
  percent: Intl.NumberFormat;
  time: (at: number) => string;
  moment: (at: number) => string;
}
/** Beyond this nobody can tell what is: a view comes every few seconds at the least. */
const staleMs = 6_000;
/** Events are counted this much later even when all is well: one that others overtook is waited for. */
const uncountedMs = 15_000;
/** Of the campaign's zone, as the last view gave them. */
let offsets: OffsetsAhead = [];
let formats: Formats | undefined;

function formatsOf({ campaign }: LiveView): Formats {
  ({ offsets } = campaign);
  if (formats) return formats;
  const locale = document.documentElement.lang;
  formats = {
    number: new Intl.NumberFormat(locale),
    percent: new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }),
    time: localClock(locale, () => offsets, { second: '2-digit' }),
    moment: localClock(locale, () => offsets, { month: 'short', day: 'numeric', second: '2-digit' }),
  };
  return formats;
}

/** Draws the whole view into the page's marked places. `now` is the server's time. */
export function render(root: HTMLElement, view: LiveView, now: number): void {
  const f = formatsOf(view);
  controls(root, view);
  dialing(root, view, f);
  pacing(root, view);
  lawful(root, view, f);
  selling(root, view, f);
  // What may be over by now does not go on.
  agents(root, view, f, currency(root, view, f, now) ? now : view.at);
  put(root, 'funnel', ...funnel(view, f));
  put(root, 'calls', ...lastCalls(view, f));
}

/** Says where the figures are old, and whether they are still those of now. */
function currency(root: HTMLElement, { at, countedTo }: LiveView, f: Formats, now: number): boolean {
  const current = now - at <= staleMs;
  const note = !current
    ? say('asOf', { time: f.moment(at) })
    : at - countedTo > uncountedMs
      ? say('countedTo', { time: f.moment(countedTo) })
      : '';
  put(root, 'as-of', note);
  root.classList.toggle('dashboard-stale', !current);
  return current;
}

const rate = (value: number | null, f: Formats) => (value === null ? '–' : f.percent.format(value));

function controls(root: HTMLElement, { campaign }: LiveView): void {
  const running = campaign.state === 'running';
  const badge = root.querySelector('[data-bind="campaign-state"]');
  if (badge)
    badge.className = `state-badge state-${running ? 'ready' : campaign.state === 'paused' ? 'paused' : 'off'}`;
  put(root, 'campaign-state', el('span', 'state-dot'), say(`campaignState.${campaign.state}`));
  const shown: Record<string, boolean> = {
    start: !running,
    pause: running,
    stop: running || campaign.state === 'paused',
  };
  for (const form of root.querySelectorAll<HTMLElement>('[data-control]'))
    form.hidden = !shown[form.dataset.control ?? ''];
}

function pacing(root: HTMLElement, { pacingLine }: LiveView): void {
  const { text, limit, budget } = pacingLine ?? {};
  const parts = [text, limit, budget].filter((part) => part !== undefined && part !== null);
  put(root, 'pacing', ...parts.map((part) => el('span', '', part)));
}

function dialing(root: HTMLElement, { lines, notDialing }: LiveView, f: Formats): void {
  const settingUp = lines.created + lines.dialing + lines.ringing;
  const stopped = notDialing !== null && !notDialing.calm;
  put(root, 'dialing', say(stopped ? 'no' : 'yes'));
  root.querySelector('[data-bind="dialing"]')?.classList.toggle('warned', stopped);
  put(
    root,
    'dialing-why',
    notDialing
      ? joinSentences([notDialing.text, notDialing.again ?? ''], document.documentElement.lang)
      : say('linesInFlight', { lines: settingUp }),
  );
  const figures = {
    ringing: settingUp,
    waiting: lines.waiting + lines.detecting + lines.parked + lines.transferring,
    connected: lines.connected + lines.held + lines.outside,
    announcing: lines.announcing,
  };
  put(
    root,
    'lines',
    ...pairs(Object.entries(figures).map(([name, count]) => [say(`lines.${name}`), f.number.format(count)])),
  );
}

function lawful(root: HTMLElement, view: LiveView, f: Formats): void {
  const { window, campaign } = view;
  estimated(root, view, f);
  const over = window.owed > 0;
  const live = window.connected + window.abandoned;
  put(root, 'abandon-rate', rate(window.rate, f));
  root.querySelector('[data-bind="abandon-rate"]')?.classList.toggle('broken', over);
  put(
    root,
    'budget',
    live === 0
      ? say('noAnswersYet')
      : over
        ? say('budgetSpent', { count: window.owed })
        : say('budgetLeft', { count: window.budgetLeft }),
  );
  const capText = say('cap', { cap: f.percent.format(campaign.abandonCap) });
  const gauge = root.querySelector<HTMLElement>('[data-bind="gauge"]');
  if (gauge) {
    const whole = campaign.abandonCap * 1.5 || 0.045;
    const length = (value: number) => `${Math.min(100, (value / whole) * 100)}%`;
    gauge.style.setProperty('--fill', length(window.rate ?? 0));
    gauge.style.setProperty('--cap', length(campaign.abandonCap));
    gauge.classList.toggle('over', over);
    gauge.setAttribute('aria-label', `${rate(window.rate, f)} · ${capText}`);
  }
  const hours = Math.round(campaign.abandonWindowMs / 3_600_000);
  const span =
    hours >= 48 ? say('windowDays', { count: Math.round(hours / 24) }) : say('windowHours', { count: hours });
  put(
    root,
    'window',
    [capText, span, `${f.number.format(window.abandoned)} / ${f.number.format(live)}`].join(' · '),
  );
}

/** What stands in the rate besides counted calls, where the campaign's law has them in it. */
function estimated(root: HTMLElement, { window: { hungUpOn } }: LiveView, f: Formats): void {
  const place = root.querySelector<HTMLElement>('[data-bind="hung-up-on"]');
  if (!place) return;
  place.hidden = hungUpOn === null;
  if (!hungUpOn) return;
  const { people, checks, checksNeeded } = hungUpOn;
  const number = (value: number) => f.number.format(Math.round(value));
  place.textContent = people
    ? say('hungUpOn', {
        people: number(people.estimate),
        low: number(people.low),
        high: number(people.high),
      })
    : say('hungUpOnUnknown', { checks: number(checks), needed: number(checksNeeded) });
}

function selling(root: HTMLElement, { today, rates }: LiveView, f: Formats): void {
  put(root, 'sales', f.number.format(today.sales));
  put(
    root,
    'selling',
    ...pairs([
      [say('rates.conversion'), rate(rates.conversion, f)],
      [say('rates.contact'), rate(rates.contact, f)],
      [say('rates.attempts'), f.number.format(today.attempts)],
      [say('rates.connected'), f.number.format(today.connected)],
      [
        say('rates.answerWait'),
        rates.answerWaitMs === null
          ? '–'
          : say('seconds', { seconds: (rates.answerWaitMs / 1_000).toFixed(2) }),
      ],
    ]),
  );
}

function agents(root: HTMLElement, view: LiveView, f: Formats, now: number): void {
  const sorted = [...view.agents].sort(
    (a, b) =>
      agentOrder.indexOf(a.state as (typeof agentOrder)[number]) -
        agentOrder.indexOf(b.state as (typeof agentOrder)[number]) || a.since - b.since,
  );
  put(root, 'agents-count', say('agentsSignedIn', { count: sorted.length }));
  if (sorted.length === 0) return put(root, 'agents', el('p', 'dashboard-note', say('noAgents')));
  const sums = agentOrder.map((state) =>
    stateBadge(
      agentColour[state],
      `${say(`agentState.${state}`)} ${f.number.format(sorted.filter((agent) => agent.state === state).length)}`,
    ),
  );
  const rows = sorted.map((agent) =>
    el(
      'div',
      'dashboard-agent',
      stateBadge(agentColour[agent.state], say(`agentState.${agent.state}`)),
      el('span', 'dashboard-name', agent.name),
      el('span', 'dashboard-number', duration(now - agent.since)),
    ),
  );
  put(root, 'agents', el('div', 'dashboard-sums', ...sums), el('div', 'dashboard-agents', ...rows));
}

function funnel({ leads }: LiveView, f: Formats): HTMLElement[] {
  if (leads.loaded === 0) return [el('p', 'dashboard-note', say('noLeads'))];
  const line = (name: string, count: number, kind = '') => {
    const fill = el('span', 'dashboard-bar-fill');
    const bar = el('span', 'dashboard-bar', fill);
    bar.style.setProperty('--fill', `${(count / leads.loaded) * 100}%`);
    return el(
      'div',
      `dashboard-bar-row ${kind}`,
      el('span', '', name),
      bar,
      el('span', 'dashboard-number', f.number.format(count)),
    );
  };
  const penetration = say('penetration', { rate: f.percent.format(leads.attempted / leads.loaded) });
  return [
    line(say('loaded'), leads.loaded, 'dashboard-sum'),
    line(penetration, leads.attempted, 'dashboard-sum'),
    ...leadOrder
      .filter((state) => leads.byState[state])
      .map((state) => line(say(`leadState.${state}`), leads.byState[state]!)),
  ];
}

function lastCalls(view: LiveView, f: Formats): HTMLElement[] {
  if (view.lastCalls.length === 0) {
    const cell = el('td', 'dashboard-note', say('noCalls'));
    cell.setAttribute('colspan', '5');
    return [el('tr', '', cell)];
  }
  return view.lastCalls.map((call) => {
    const customer = el(call.customerId ? 'a' : 'span', '', call.customer ?? call.phone ?? '–');
    if (call.customerId) customer.setAttribute('href', `/customers/${call.customerId}`);
    const result = call.outcome
      ? stateBadge(outcomeColour[call.outcome] ?? 'off', say(`outcome.${call.outcome}`))
      : stateBadge('call', say(`callState.${call.state}`));
    return el(
      'tr',
      '',
      el('td', 'dashboard-time', f.time(call.at)),
      el('td', 'dashboard-customer', customer, ' ', el('span', 'dashboard-note phone', call.phone ?? '')),
      el('td', '', result, ' ', el('span', 'dashboard-note', call.disposition ?? '')),
      el('td', 'dashboard-name', call.agent ?? ''),
      el('td', 'dashboard-number', call.talkMs === null ? '' : duration(call.talkMs)),
    );
  });
}
