import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { AgentSnapshot } from '../../../dialer/protocol.ts';
import { eventually } from '../../support/eventually.ts';
import { needBrowser } from '../../support/browser.ts';
import { pageRig, type PageRig } from './page-rig.ts';

/** What the page plays: the ringer's sound is an element of its own that stands nowhere on the page. */
const listen = `{
  window.sounding = 0;
  const { play, pause } = HTMLMediaElement.prototype;
  const on = new Set();
  const keep = () => (window.sounding = on.size);
  HTMLMediaElement.prototype.play = function () { on.add(this); keep(); return play.call(this); };
  HTMLMediaElement.prototype.pause = function () { on.delete(this); keep(); return pause.call(this); };
}`;

describe('a parked customer rings back', function () {
  this.timeout(30_000);
  let rig: PageRig;

  before(async function () {
    needBrowser(this);
    rig = await pageRig();
    await rig.page.addInitScript(listen);
  });
  beforeEach(async () => {
    await rig.fresh();
    say({ parked: [] });
    await untilSounds(false);
  });
  after(() => rig?.close());

  const sounds = () => rig.page.evaluate('window.sounding > 0') as Promise<boolean>;
  const untilSounds = (wanted: boolean) =>
    eventually(async () => assert.equal(await sounds(), wanted, wanted ? 'it rings' : 'it is quiet'));
  const say = (part: Partial<AgentSnapshot>) => rig.ws.dialer.set(rig.userId, part);
  const ringing = (callId = 'parked-1') => ({
    ...{ callId, slot: 1, by: { userId: rig.userId, name: 'Ada' }, campaignId: rig.ws.campaignId },
    ...{ customerId: rig.ws.customerId, e164: '+14155551001', since: rig.ws.app.clock.now() },
    ...{ isRinging: true, ringsBackAt: null },
  });

  it('between calls, is not heard over a talk that begins, and is heard again after it', async () => {
    say({ parked: [ringing()] });
    await untilSounds(true);
    await rig.onCall();
    await untilSounds(false);
    await rig.wrapup();
    await untilSounds(true);
    say({ parked: [] });
    await untilSounds(false);
  });

  it('in a talk, is heard for a moment, and rings on after it', async () => {
    await rig.onCall();
    say({ parked: [ringing()] });
    await untilSounds(true);
    await untilSounds(false);
    // Another word of the same talk does not let it be heard again.
    say({ parked: [ringing()] });
    await rig.page.waitForTimeout(300);
    assert.equal(await sounds(), false);
    await rig.wrapup();
    await untilSounds(true);
  });
});
