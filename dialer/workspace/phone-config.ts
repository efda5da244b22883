import type { App } from '../../core/app.ts';
import { SipPasswordStore, UserStore } from '../../core/users/index.ts';
import { cellOfUser } from '../cells/ask-dialers.ts';
import { HttpProblem, found } from '../../core/http/problem.ts';
import { iceServers, iceServersSetting, wsUrlOf, wsUrlSetting, type IceServer } from './phone-settings.ts';

/** What the page's phone is told: `simulated`, a phone on the desk, or how to register. */
export type PhoneConfig =
  | { kind: 'simulated' }
  | { kind: 'desk'; endpoint: string }
  | {
      kind: 'webrtc';
      uri: string;
      password: string;
      wsUrl: string;
      iceServers: IceServer[];
      autoAnswer: boolean;
      userId: number;
    };

/** The SIP name of a user's softphone; the dialer rings `PJSIP/<this>`. */
export const sipNameOf = (userId: number): string => `agent-${userId}`;

/**
 * How this user's phone works; with the switch of `near`'s dialer, where that is another's. @throws HttpProblem 409 `phone-not-set-up`
 */
export async function phoneConfig(app: App, userId: number, near = userId): Promise<PhoneConfig> {
  const cell = await cellOfUser(app, near);
  const switchUrl = cell ? cell.switchUrl : (app.config.asterisk?.url ?? null);
  if (switchUrl === null) return { kind: 'simulated' };
  const users = new UserStore(app.db);
  const user = found(await users.byId(userId));
  if (user.phoneMode === 'desk') return { kind: 'desk', endpoint: user.phoneEndpoint ?? '' };
  const password = await new SipPasswordStore(app).get(userId);
  if (!password) throw new HttpProblem(409, 'phone-not-set-up');
  const setting = (await app.settings.get(wsUrlSetting)).replaceAll(
    '{dialer}',
    cell?.id ?? app.config.dialerId,
  );
  const wsUrl = wsUrlOf(setting, switchUrl, app.config.publicUrl);
  return {
    kind: 'webrtc',
    uri: `sip:${sipNameOf(userId)}@${new URL(wsUrl).hostname}`,
    password,
    wsUrl,
    iceServers: iceServers(await app.settings.get(iceServersSetting)),
    autoAnswer: user.legMode === 'nailed',
    userId,
  };
}
