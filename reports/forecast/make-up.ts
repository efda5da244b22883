import type { LeadList, Segment } from '../../dialer/pacing/index.ts';

/** A lead of the sample, with the stretches of the day in which the gate would let it be called. */
export interface SampledLead {
  zone: string;
  localMinutes: number;
  attempts: number;
  /** Seconds after the start at which it falls due; 0 or less: due. */
  dueIn: number;
  /** One entry for each slot of the day. */
  open: readonly boolean[];
}

/** What a list is made of, as far as people should see it. */
export interface MakeUp {
  /** Leads that may be called some time, and those that may not, by the gate's word on the sample. */
  leads: number;
  blocked: number;
  sampled: number;
  /** Leads by zone, most first. */
  zones: { zone: string; leads: number; from: number | null; until: number | null }[];
  list: Pick<LeadList, 'segments'>;
}

/** More segments would slow the play, and differ in nothing that shows. */
const mostSegments = 24;

/** Groups the sample by zone and opening hours; each lead stands for `weight` leads of the list. */
export function segmentsOf(sample: readonly SampledLead[], weight: number, slotSeconds: number): Segment[] {
  const groups = new Map<string, SampledLead[]>();
  for (const lead of sample) {
    const key = `${lead.localMinutes} ${lead.open.map(Number).join('')}`;
    groups.set(key, [...(groups.get(key) ?? []), lead]);
  }
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length);
  const kept = sorted.slice(0, mostSegments);
  for (const group of sorted.slice(mostSegments)) nearest(kept, group[0]!).push(...group);
  return kept.map((leads) => segmentOf(leads, weight, slotSeconds));
}

function nearest(groups: readonly SampledLead[][], lead: SampledLead): SampledLead[] {
  const distance = ([other]: SampledLead[]): number =>
    lead.open.reduce((sum, open, slot) => sum + Number(open !== other!.open[slot]), 0) +
    Math.abs(lead.localMinutes - other!.localMinutes) / 30;
  return groups.reduce((best, group) => (distance(group) < distance(best) ? group : best));
}

function segmentOf(leads: readonly SampledLead[], weight: number, slotSeconds: number): Segment {
  const { open, localMinutes } = leads[0]!;
  const openings: [number, number][] = [];
  open.forEach((isOpen, slot) => {
    const last = openings.at(-1);
    if (!isOpen) return;
    if (last && last[1] === slot * slotSeconds) last[1] += slotSeconds;
    else openings.push([slot * slotSeconds, (slot + 1) * slotSeconds]);
  });
  const due: number[] = [];
  const later = new Map<string, { at: number; attempts: number; count: number }>();
  for (const { attempts, dueIn } of leads) {
    if (dueIn <= 0) due[attempts] = (due[attempts] ?? 0) + weight;
    else {
      const at = Math.ceil(dueIn / 900) * 900;
      const entry = later.get(`${at} ${attempts}`) ?? { at, attempts, count: 0 };
      later.set(`${at} ${attempts}`, { ...entry, count: entry.count + weight });
    }
  }
  return {
    openings,
    localMinutes,
    due: Array.from(due, (count) => Math.round(count ?? 0)),
    later: [...later.values()].map((entry) => ({ ...entry, count: Math.round(entry.count) })),
  };
}

/** Leads by zone and when they may be called, in seconds after the start. */
export function zonesOf(
  sample: readonly SampledLead[],
  weight: number,
  slotSeconds: number,
): MakeUp['zones'] {
  const zones = new Map<string, { leads: number; from: number | null; until: number | null }>();
  for (const { zone, open } of sample) {
    const entry = zones.get(zone) ?? { leads: 0, from: null, until: null };
    entry.leads += weight;
    const first = open.indexOf(true);
    if (first >= 0) {
      entry.from = Math.min(entry.from ?? Infinity, first * slotSeconds);
      entry.until = Math.max(entry.until ?? 0, (open.lastIndexOf(true) + 1) * slotSeconds);
    }
    zones.set(zone, entry);
  }
  return [...zones]
    .map(([zone, entry]) => ({ zone, ...entry, leads: Math.round(entry.leads) }))
    .sort((a, b) => b.leads - a.leads);
}
