import type { BrowserContext, Page } from 'playwright-core';

/** What the browser's own WebRTC counters said at one moment, summed over all connections that the page has had. */
interface Heard {
  /** Machine's time. */
  at: number;
  packets: number;
  /** Square of the level, integrated over time, as the browser defines it. */
  energy: number;
  seconds: number;
}

/** Lets every page of this context note five times a second what came in by RTP. Before its first page. */
export async function giveEars(context: BrowserContext): Promise<void> {
  await context.addInitScript(`{
    const heard = (window.heardInPage = []);
    const connections = [];
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(...args) { super(...args); connections.push(this); }
    };
    setInterval(async () => {
      const sum = { at: Date.now(), packets: 0, energy: 0, seconds: 0 };
      for (const connection of connections)
        for (const entry of (await connection.getStats()).values())
          if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
            sum.packets += entry.packetsReceived ?? 0;
            sum.energy += entry.totalAudioEnergy ?? 0;
            sum.seconds += entry.totalSamplesDuration ?? 0;
          }
      heard.push(sum);
    }, 200);
  }`);
}

/** What the agent at this page heard between two moments: packets, and the root mean square of their sound (0 to 1). */
export async function heardInPage(
  page: Page,
  from: number,
  to: number,
): Promise<{ packets: number; loudness: number }> {
  const all: Heard[] = await page.evaluate('window.heardInPage');
  const first = all.find(({ at }) => at >= from);
  const last = all.findLast(({ at }) => at <= to);
  if (!first || !last || last.at <= first.at) throw new Error(`the page noted nothing from ${from} to ${to}`);
  const seconds = last.seconds - first.seconds;
  return {
    packets: last.packets - first.packets,
    loudness: seconds > 0 ? Math.sqrt((last.energy - first.energy) / seconds) : 0,
  };
}
