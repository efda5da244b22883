import { z } from 'zod';
import type { SettingsGroup } from '../../core/http/area.ts';
import type { SettingDefinition } from '../../core/settings/settings.ts';

/** Where browsers reach the switch's WebSocket; empty: worked out from ASTERISK_URL. */
export const wsUrlSetting: SettingDefinition<string> = {
  key: 'phone.wsUrl',
  schema: z.union([z.literal(''), z.string().regex(/^wss?:\/\/[^\s/]+(\/\S*)?$/, 'workspace:errors.wsUrl')]),
  fallback: '',
};

/** STUN and TURN servers, one a line: `stun:host:port`, or `turn:host:port user password`. */
export const iceServersSetting: SettingDefinition<string> = {
  key: 'phone.iceServers',
  schema: z
    .string()
    .max(2000)
    .refine((text) => lines(text).every((line) => iceLine.test(line)), 'workspace:errors.iceServers'),
  fallback: '',
};

const iceLine = /^(stuns?:\S+|turns?:\S+ \S+ \S+)$/;
const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter(Boolean);

export interface IceServer {
  urls: string;
  username?: string;
  credential?: string;
}

export function iceServers(text: string): IceServer[] {
  return lines(text).map((line) => {
    const [urls = '', username, credential] = line.split(' ');
    return username ? { urls, username, credential } : { urls };
  });
}

/**
 * The WebSocket of the switch as a browser reaches it: set by hand, or where ARI is, at Asterisk's usual path. A page
 * that came by HTTPS may open none in clear: there the proxy before the product passes /ws on to a switch without TLS.
 */
export function wsUrlOf(setting: string, asteriskUrl: string, publicUrl: string): string {
  if (setting) return setting;
  const url = new URL(asteriskUrl);
  const page = new URL(publicUrl);
  if (page.protocol === 'https:' && url.protocol === 'http:') return `wss://${page.host}/ws`;
  // A browser elsewhere cannot reach this machine's loopback: there the product's own host name stands for it.
  if (isLoopback(url.hostname)) url.hostname = page.hostname;
  return `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}/ws`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

export const phoneSettings: SettingsGroup = {
  key: 'phone',
  labelKey: 'workspace:settings.title',
  helpKey: 'workspace:settings.help',
  order: 60,
  fields: [
    {
      definition: wsUrlSetting,
      labelKey: 'workspace:settings.wsUrl',
      helpKey: 'workspace:settings.wsUrlHelp',
      input: 'text',
    },
    {
      definition: iceServersSetting,
      labelKey: 'workspace:settings.iceServers',
      helpKey: 'workspace:settings.iceServersHelp',
      input: 'textarea',
    },
  ],
};
