import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { App } from '../../../core/app.ts';
import { localTime } from '../../../core/time/local-time.ts';
import { csvLine } from '../../../core/http/index.ts';
import type { Campaign } from '../../campaigns/campaign.ts';
import { createNamedRules } from '../../campaigns/named-rules.ts';
import { abandonRate } from '../abandonment.ts';
import type { Consent } from '../consents/consent.ts';
import { createConsentStore } from '../consents/consent-store.ts';
import { createOverrideStore } from '../overrides/override-store.ts';
import { lawWindows } from '../lawful-cap.ts';
import { createRuleBook } from '../rulebook/rule-book.ts';
import { createRuleVersionStore } from '../rulebook/rule-version-store.ts';
import { createScrubStore } from '../scrubs/scrub-store.ts';
import { createSuspensionStore } from '../suspensions/suspension-store.ts';
import { answeredByQuarter, calledOf } from './called-walk.ts';
import { byTime } from './by-time.ts';
import { createRuleTexts, iso, maybe, type ProofPeriod } from './rule-texts.ts';
import { walkVerdicts } from './verdict-walk.ts';

export type { ProofPeriod };

const dayMs = 86_400_000;

type Rows =
  AsyncIterable<readonly (string | number | null)[]> | Iterable<readonly (string | number | null)[]>;

/** Where parts go, until whoever reads it has left. */
interface Into {
  readonly zip: ZipFile;
  readonly left: AbortSignal;
}

/**
 * Everything that shows a campaign's calls of a period to have been lawful, as one zip of CSV and JSON: written as it
 * is read, so that a year of verdicts takes no more memory than a day.
 */
export function createProofPack(app: App) {
  const { knex } = app.db;
  const consents = createConsentStore(app);
  const scrubs = createScrubStore(app);
  const overrides = createOverrideStore(app);
  const suspensions = createSuspensionStore(app);
  const rules = createRuleTexts(app);
  const named = createNamedRules(app);
  const book = createRuleBook(app);
  const versions = createRuleVersionStore(app);

  function write(campaign: Campaign, period: ProofPeriod): { stream: Readable; done: Promise<void> } {
    const zip = new ZipFile();
    const stream = zip.outputStream as Readable;
    const left = new AbortController();
    stream.once('close', () => left.abort());
    const done = fill({ zip, left: left.signal }, campaign, period).catch((error: unknown) => {
      // Whoever reads has gone: nobody is told, and nothing more is read.
      if (left.signal.aborted) return;
      stream.destroy(error as Error);
      throw error;
    });
    return { stream, done };
  }

  async function fill(into: Into, campaign: Campaign, period: ProofPeriod): Promise<void> {
    const { zip } = into;
    const verdicts = walkVerdicts(app, campaign.id, period);
    await table(into, 'verdicts.csv', ['id', 'at', 'stage', 'path', 'decision', 'reason_code', 'rule_version', 'number', 'lead', 'customer', 'call', 'next_allowed_at', 'facts'], verdicts.rows()); // prettier-ignore
    await table(into, 'verdict-counts.csv', ['stage', 'path', 'decision', 'reason_code', 'count'], verdicts.counted()); // prettier-ignore
    const used = verdicts.used();
    const windows = await lawWindowsWithin(campaign, used, period);
    const about = {
      campaign: { id: campaign.id, name: campaign.name, mode: campaign.mode, zone: campaign.zone },
      period: { from: iso(period.from), until: iso(period.until), zone: period.zone },
      madeAt: iso(app.clock.now()),
      rules: await rulesNamed(campaign),
      abandonCap: campaign.abandonCap,
      abandonWindowDays: campaign.abandonWindowMs / dayMs,
      lawAbandonWindowsDays: windows.map((window) => window / dayMs),
      formulas: {
        law: 'abandoned / (abandoned + connected to an agent within the grace)',
        abandoned:
          'a live person met no agent within the grace, or only later; who hangs up within it is not counted',
        allAnswered: 'abandoned / all answered calls, machines included',
        windowCampaign: `law, over the ${campaign.abandonWindowMs / dayMs} days of the campaign before the end of each day`,
        windowLaw: 'law, over the days that the law counts before the end of each day',
        day: `from midnight to midnight in ${period.zone}`,
      },
    };
    zip.addBuffer(Buffer.from(JSON.stringify(about, null, 2)), 'about.json');
    await table(into, 'abandonment.csv', ['day', 'abandoned', 'connected', 'answered', 'rate_law', 'rate_all_answered', ...windowColumns('window_campaign'), ...windows.flatMap((window) => windowColumns(`window_law_${window / dayMs}d`))], abandonment(campaign, windows, period)); // prettier-ignore
    await table(into, 'scrubs.csv', ['id', 'kind', 'country', 'name', 'areas', 'data_of', 'state', 'numbers', 'refused', 'file', 'loaded_at', 'in_force_at', 'retired_at', 'loaded_by'], scrubLog(period)); // prettier-ignore
    await table(into, 'dnc-log.csv', ['at', 'number', 'action', 'reason', 'source', 'user', 'campaign'], dncLog(campaign.id, period)); // prettier-ignore
    await table(into, 'overrides.csv', ['id', 'number', 'campaign', 'reason', 'reason_code', 'granted_by', 'granted_at', 'expires_at', 'used_at', 'call', 'withdrawn_at'], overrideRows(period)); // prettier-ignore
    await table(into, 'suspensions.csv', ['id', 'scope', 'target', 'everyone', 'reason', 'started_at', 'started_by', 'ends_at', 'lifted_at', 'lifted_by', 'lift_reason'], suspensionRows(period)); // prettier-ignore
    await table(into, 'consents.csv', ['id', 'customer', 'number', 'kind', 'source', 'proof', 'given_at', 'expires_at', 'revoked_at', 'revoke_reason', 'recorded_by', 'recorded_at'], consentRows(campaign.id, period)); // prettier-ignore
    await table(into, 'rule-choices.csv', ['at', 'action', 'rule_sets_before', 'rule_sets_after', 'reason', 'note', 'by'], ruleChoices(campaign.id, period)); // prettier-ignore
    zip.addBuffer(Buffer.from(JSON.stringify(await rules.texts(used), null, 2)), 'rules.json');
    zip.addBuffer(Buffer.from(JSON.stringify(await rules.calendars(period), null, 2)), 'calendars.json');
    zip.end();
  }

  /** Null: by the law of the place of each number and address. */
  async function rulesNamed(campaign: Campaign) {
    const instead = await named.of(campaign);
    if (!instead) return { insteadOfTheLaw: null };
    const { ruleSet, since, chosenBy, approvedBy, reason } = instead;
    return { insteadOfTheLaw: ruleSet.split('+'), since: since && iso(since), chosenBy, approvedBy, reason };
  }

  /** From the beginning: what held in the period may have been chosen long before it. */
  async function* ruleChoices(campaignId: number, { until }: ProofPeriod) {
    for (const { at, action, before, after, reason, note, by } of await named.choices(campaignId, until))
      yield [iso(at), action.replace('campaign.', ''), before ?? '', after ?? '', reason, note, by ?? ''];
  }

  /**
   * Over which windows the law counted at any time of the period, the longest first: of the sets that its verdicts went
   * by, whatever the campaign is called by now, and of those of now for a period without a verdict.
   */
  async function lawWindowsWithin(
    campaign: Campaign,
    used: readonly string[],
    { from, until }: ProofPeriod,
  ): Promise<readonly number[]> {
    const names = [...new Set(used.map((part) => part.split('@')[0]!))].filter((name) => name !== `campaign.${campaign.id}`); // prettier-ignore
    const ruleSet = names.length > 0 ? names.join('+') : campaign.ruleSet;
    const changes = (await versions.approved()).map(({ effectiveAt }) => effectiveAt);
    const windows = new Set<number>();
    for (const instant of new Set([from, ...changes.filter((at) => at > from && at < until)]))
      for (const window of lawWindows(ruleSet, await book.at(instant))) windows.add(window);
    return [...windows].sort((a, b) => b - a);
  }

  /** Rows go into the zip as they come; the next table begins when this one is through. */
  async function table(
    { zip, left }: Into,
    name: string,
    heading: readonly string[],
    rows: Rows,
  ): Promise<void> {
    const stream = new PassThrough();
    zip.addReadStream(stream, name);
    stream.write(`\uFEFF${csvLine([...heading])}`);
    for await (const row of rows) {
      left.throwIfAborted();
      if (!stream.write(csvLine(row.map((cell) => (cell === null ? '' : String(cell))))))
        await once(stream, 'drain', { signal: left });
    }
    stream.end();
  }

  /** By days of the zone in which the period was asked for: each offset of a zone is a whole number of quarters of an hour. */
  async function* abandonment(
    campaign: Campaign,
    law: readonly number[],
    { from, until, zone }: ProofPeriod,
  ) {
    const windows = [campaign.abandonWindowMs, ...law];
    const first = from - Math.max(...windows);
    const quarters = await answeredByQuarter(knex, campaign.id, { from: first, until });
    const between = (start: number, end: number) => {
      const sum = { abandoned: 0, connected: 0, answered: 0 };
      for (const [quarter, row] of quarters)
        if (quarter >= start && quarter < end)
          for (const key of ['abandoned', 'connected', 'answered'] as const) sum[key] += row[key];
      return sum;
    };
    for (
      let day = localTime(from, zone).startOf('day');
      day.toMillis() < until;
      day = day.plus({ days: 1 })
    ) {
      const end = day.plus({ days: 1 }).toMillis();
      const own = between(day.toMillis(), end);
      const over = windows.map((window) => between(end - window, end));
      yield [
        ...[day.toISODate(), own.abandoned, own.connected, own.answered, abandonRate(own).toFixed(5)],
        own.answered === 0 ? '0.00000' : (own.abandoned / own.answered).toFixed(5),
        ...over.flatMap((sum) => [sum.abandoned, sum.connected, abandonRate(sum).toFixed(5)]),
      ];
    }
  }

  async function* scrubLog({ from, until }: ProofPeriod) {
    for (const list of await scrubs.within(from, until))
      yield [
        ...[list.id, list.kind, list.country, list.name, list.areas.join(' '), list.scrubbedOn, list.state],
        ...[list.numbers, list.refused, list.fileName, iso(list.loadedAt), maybe(list.activatedAt)],
        ...[maybe(list.retiredAt), list.loadedBy],
      ];
  }

  async function* dncLog(campaignId: number, period: ProofPeriod) {
    // Those of imports, which may be millions, are left out here: passing them over is no work for one statement.
    for await (const row of byTime(() => knex('dnc_log'), period)) {
      if (row.source === 'import' || ![0, campaignId].includes(Number(row.campaign_id))) continue;
      yield [
        ...[iso(Number(row.at)), row.e164!, row.action!, row.reason!, row.source!, row.user_id ?? null],
        row.campaign_id === 0 ? 'all' : row.campaign_id!,
      ];
    }
  }

  async function* overrideRows({ from, until }: ProofPeriod) {
    for (const one of await overrides.within(from, until))
      yield [
        ...[
          one.id,
          one.e164,
          one.campaignId,
          one.reason,
          one.usedReasonCode ?? one.reasonCode,
          one.grantedBy,
          iso(one.grantedAt),
        ],
        ...[iso(one.expiresAt), maybe(one.usedAt), one.callId, maybe(one.withdrawnAt)],
      ];
  }

  async function* suspensionRows({ from, until }: ProofPeriod) {
    for (const one of await suspensions.within(from, until))
      yield [
        ...[
          one.id,
          one.scope,
          one.target,
          one.everyone ? 'yes' : 'no',
          one.reason,
          iso(one.startedAt),
          one.startedBy,
        ],
        ...[maybe(one.endsAt), maybe(one.liftedAt), one.liftedBy, one.liftReason],
      ];
  }

  /** The ledger of everybody the campaign called in the period, and of the numbers themselves. */
  async function* consentRows(campaignId: number, period: ProofPeriod) {
    const called = await calledOf(knex, { campaignId, ...period });
    for await (const ids of called.customers()) yield* consentCells(await consents.linesOf(ids, []));
    for await (const numbers of called.numbers())
      yield* consentCells(
        (await consents.linesOf([], numbers)).filter(({ customerId }) => customerId === null),
      );
  }

  return { write };
}

const windowColumns = (name: string) => [`${name}_abandoned`, `${name}_connected`, `${name}_rate`];

function* consentCells(lines: readonly Consent[]) {
  for (const line of [...lines].sort((a, b) => a.id - b.id))
    yield [
      ...[line.id, line.customerId, line.e164 ?? 'all', line.kind, line.source, line.proof],
      ...[iso(line.givenAt), maybe(line.expiresAt), maybe(line.revokedAt), line.revokeReason],
      ...[line.recordedBy, iso(line.recordedAt)],
    ];
}
