import { applicationVariable, originatedCall } from '../dialplan.ts';
import type { OriginateRequest } from '../telephony.ts';

/** What ARI is asked for a call. Its ring time counts whole seconds, so it is rounded up. */
export function originateParams(call: OriginateRequest, app: string): object {
  const { channelId, endpoint, formats } = call;
  const withheld = call.callerId === '' && !call.callerName;
  return {
    channelId,
    endpoint,
    app,
    appArgs: originatedCall,
    callerId: callerIdText(call),
    timeout: Math.max(1, Math.ceil(call.ringTimeoutMs / 1000)),
    ...(formats ? { formats } : {}),
    variables: {
      [applicationVariable]: app,
      ...(withheld ? { 'CALLERID(pres)': 'prohib' } : {}),
      ...headerVariables(call.headers),
      ...call.variables,
    },
  };
}

/** Set on the channel before its INVITE leaves, these are no variables but a function that writes headers into it. */
const headerVariables = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [`PJSIP_HEADER(add,${name})`, value]));

function callerIdText({ callerId, callerName }: OriginateRequest): string {
  const name = callerName?.replace(/["<>\\\p{Cc}]/gu, '');
  return name ? `"${name}" <${callerId}>` : callerId;
}
