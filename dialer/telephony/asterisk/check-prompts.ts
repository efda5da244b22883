import { networkInterfaces } from 'node:os';
import type { AriAccess } from '../ari/http.ts';
import type { Found } from './check.ts';

/** Campaigns' own messages, as the product serves them. */
export interface PromptSource {
  readonly publicUrl: string;
  /** Address of one of them, on which nobody depends. */
  readonly trial: string;
}

const timeoutMs = 5_000;

/** Whether the switch hears what campaigns say in their own words: it fetches it from the product by HTTP. */
export async function checkPrompts(
  access: AriAccess,
  { publicUrl, trial }: PromptSource,
  found: Found,
  plays: (media: string) => Promise<boolean>,
): Promise<void> {
  const local = isLoopback(publicUrl) && !isThisMachine(access.url);
  const hint = local
    ? ` PUBLIC_URL is ${publicUrl}, and there Asterisk, on another machine, finds only itself: set PUBLIC_URL to an address of this machine that it reaches.`
    : ` Let Asterisk's machine reach PUBLIC_URL (${publicUrl}); where that is https, with a certificate that it trusts.`;
  const why = await unserved(trial);
  if (why === null && (await plays(`sound:${trial}`)))
    return found('ok', `It fetches campaigns' own messages from ${publicUrl}.`);
  const instead = 'Abandoned customers would hear the general message, which does not name the firm.';
  if (why === null || local)
    return found('problem', `It cannot play campaigns' own messages: ${instead}${hint}`);
  found(
    'warning',
    `Whether it can fetch campaigns' own messages could not be tried: Ringwise does not serve them at ${publicUrl} now (${why}). Start it on this DATA_DIR, and check again. Where it was started with --port, say the same here.`,
  );
}

async function unserved(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
    await answer.body?.cancel();
    return answer.ok ? null : `it answers ${answer.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error && cause.message ? cause.message : message;
  }
}

/** By its address; a name that leads here is taken for another machine. */
function isThisMachine(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return isLoopback(url) || own.some(({ address }) => address === host);
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname);
}
