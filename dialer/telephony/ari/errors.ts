import { TelephonyError, type TelephonyFault } from '../telephony.ts';

/** An HTTP answer of ARI that was no success. */
export class AriStatusError extends Error {
  readonly status: number;
  constructor(status: number, body: string) {
    super(messageIn(body) || `HTTP status ${status}`);
    this.name = 'AriStatusError';
    this.status = status;
  }
}

/** ARI says what is wrong as `{"message"}`, `{"error"}` or both. */
function messageIn(body: string): string {
  try {
    const parsed = JSON.parse(body) as { message?: unknown; error?: unknown };
    return [parsed.message, parsed.error].filter((part) => typeof part === 'string').join(': ');
  } catch {
    return body.slice(0, 200);
  }
}

const faultOfStatus: Record<number, TelephonyFault> = {
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'not-found',
  503: 'unavailable',
};

/** What went wrong with one operation, in the port's words. */
export function toTelephonyError(error: unknown, operation: string): TelephonyError {
  if (error instanceof TelephonyError) return error;
  if (error instanceof AriStatusError) {
    const fault = faultOfStatus[error.status] ?? 'refused';
    return new TelephonyError(fault, `Asterisk refused ${operation} (${error.status}): ${error.message}`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new TelephonyError('unavailable', `${operation} did not reach Asterisk: ${reason}`);
}

/** Asterisk answers 500 "Allocation failed" when an endpoint has no way to be reached. */
export function toOriginateError(error: unknown): TelephonyError {
  if (error instanceof AriStatusError && (error.status === 500 || error.status === 400))
    return new TelephonyError(
      'unreachable-endpoint',
      `Asterisk could not place the call (${error.message}): the endpoint is unknown to it, or its phone or trunk is not registered or not reachable.`,
    );
  return toTelephonyError(error, 'originate');
}
