import { z } from 'zod';
import type { SettingField, SettingsGroup } from '../../core/http/area.ts';
import { tellListeningSetting } from '../monitors/monitor-settings.ts';
import type { SettingDefinition, Settings } from '../../core/settings/settings.ts';

/** States that an agent can be in for too long. A pause with a code goes by that code's own limit. */
export const limitedStates = ['ready', 'reserved', 'on-call', 'wrapup', 'paused'] as const;
export type LimitedState = (typeof limitedStates)[number];

const second = 1_000;
const minute = 60 * second;
const fallbacks: Record<LimitedState | 'waiting', number> = {
  ready: 10 * minute,
  reserved: minute,
  'on-call': 15 * minute,
  wrapup: 3 * minute,
  paused: 15 * minute,
  /** A person who hears silence. */
  waiting: 2 * second,
};

const limit = (name: LimitedState | 'waiting'): SettingDefinition<number> => ({
  key: `floor.limit.${name}`,
  schema: z
    .number()
    .int()
    .min(0)
    .max(24 * 60 * minute),
  fallback: fallbacks[name],
});

const limits = {
  ready: limit('ready'),
  reserved: limit('reserved'),
  'on-call': limit('on-call'),
  wrapup: limit('wrapup'),
  paused: limit('paused'),
  waiting: limit('waiting'),
} as const;

/**
 * A talk below this is marked; 0: none is. Below 3.6 many users are dissatisfied (ITU-T G.107, annex B), so at 3.5 it is
 * no matter of rounding.
 */
export const poorLineSetting: SettingDefinition<number> = {
  key: 'floor.limit.mos',
  schema: z.number().min(0).max(4.5),
  fallback: 3.5,
};

/** How long each may last before the floor marks it, in milliseconds; 0: for ever. */
export type FloorLimits = Readonly<Record<LimitedState | 'waiting', number>>;

export async function floorLimits(settings: Pick<Settings, 'get'>): Promise<FloorLimits> {
  const read = Object.entries(limits).map(
    async ([name, definition]) => [name, await settings.get(definition)] as const,
  );
  return Object.fromEntries(await Promise.all(read)) as unknown as FloorLimits;
}

const field = (name: LimitedState | 'waiting', labelKey: string): SettingField<number> => ({
  definition: limits[name],
  labelKey,
  helpKey: name === 'waiting' ? 'floor:settings.waitingHelp' : 'floor:settings.limitHelp',
  input: 'number',
  unitKey: 'common:units.seconds',
  scale: second,
});

export const floorSettings: SettingsGroup = {
  key: 'floor',
  labelKey: 'floor:settings.title',
  helpKey: 'floor:settings.help',
  order: 65,
  fields: [
    field('ready', 'floor:settings.ready'),
    field('reserved', 'floor:settings.reserved'),
    field('on-call', 'floor:settings.on-call'),
    field('wrapup', 'floor:settings.wrapup'),
    field('paused', 'floor:settings.paused'),
    field('waiting', 'floor:settings.waiting'),
    {
      definition: poorLineSetting,
      labelKey: 'floor:settings.line',
      helpKey: 'floor:settings.lineHelp',
      input: 'number',
      unitKey: 'floor:settings.mos',
    },
    {
      definition: tellListeningSetting,
      labelKey: 'floor:settings.tellListening',
      helpKey: 'floor:settings.tellListeningHelp',
      input: 'checkbox',
    },
  ],
};
