import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { MicrophoneError } from '../../../views/browser/softphone/microphone-error.ts';
import { OwnMicrophone, type Sound } from '../../../views/browser/softphone/own-microphone.ts';
import { UnheardWatch } from '../../../views/browser/softphone/unheard-watch.ts';

// Browsers without a screen have no headset that could be pulled out: here devices come and go as told.
class Track extends EventTarget {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  readonly device: string;
  constructor(device: string) {
    super();
    this.device = device;
  }
  stop() {
    this.readyState = 'ended';
  }
}

describe('the microphone of the softphone', () => {
  let plugged: Set<string>;
  let opened: Track[];
  let away: boolean[];
  let problems: string[];
  /** What the other side was given to hear. */
  let used: Track[];
  let microphone: OwnMicrophone<Sound>;
  let backs: number;
  /** Of an agent who waits for a call. */
  let watch: UnheardWatch;
  let time: number;
  let endings: number;
  /** The browser asks the agent, and waits for the answer. */
  let asks: Promise<void>;

  const open = async (deviceId: string): Promise<Sound> => {
    const device = deviceId || [...plugged][0];
    if (!device || !plugged.has(device)) throw new MicrophoneError('missing');
    await asks;
    const track = new Track(device);
    opened.push(track);
    return { getAudioTracks: () => [track] };
  };
  const trackOf = (stream: Sound) => stream.getAudioTracks()[0] as Track;
  const now = () => trackOf(microphone.stream!);
  const changed = () => microphone.devicesChanged(new Set(plugged));
  /** The browser ends the track of a device that goes, and then tells that devices changed. */
  const pull = async (device: string) => {
    plugged.delete(device);
    for (const track of opened.filter((each) => each.device === device && each.readyState === 'live')) {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
    await changed();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const plug = (device: string) => {
    plugged.add(device);
    return changed();
  };

  beforeEach(() => {
    plugged = new Set(['built-in', 'headset']);
    opened = [];
    away = [];
    problems = [];
    used = [];
    [time, backs, endings] = [0, 0, 0];
    asks = Promise.resolve();
    watch = new UnheardWatch(
      {
        unheard: () => microphone.dead,
        inCall: () => false,
        end: () => void (endings += 1),
      },
      () => time,
    );
    microphone = new OwnMicrophone(open, {
      use: async (stream) => void used.push(trackOf(stream)),
      away: (on) => away.push(on),
      lost: () => watch.start(),
      back: () => (backs += 1),
      dead: (problem) => problems.push(problem),
    });
  });

  afterEach(() => watch.stop());
  const endingsAt = (ms: number) => {
    time = ms;
    watch.look();
    return endings;
  };

  it('does not keep a leg while the browser asks for one that stands in (fault: getUserMedia stays pending)', async () => {
    await microphone.take('headset');
    let allow = () => {};
    asks = new Promise((resolve) => (allow = resolve));
    plugged.delete('headset');
    now().stop();
    now().dispatchEvent(new Event('ended'));
    assert.deepEqual([endingsAt(900), endingsAt(1_100), problems], [0, 1, []]);
    allow();
    await changed();
    assert.deepEqual([now().device, microphone.dead, backs], ['built-in', false, 1]);
  });

  it('keeps its leg where another takes its place in time', async () => {
    await microphone.take('headset');
    await pull('headset');
    assert.deepEqual([endingsAt(5_000), now().device, backs], [0, 'built-in', 1]);
  });

  it('stays muted over another microphone, from the first moment in which it is heard', async () => {
    await microphone.take('headset');
    microphone.mute(true);
    const enabled: boolean[] = [];
    used.push = (track) => enabled.push(track.enabled);
    await microphone.take('built-in');
    assert.deepEqual(enabled, [false]);
    assert.equal(now().enabled, false);
    assert.equal(now().device, 'built-in');
    microphone.mute(false);
    assert.equal(now().enabled, true);
  });

  it('stays muted when the headset is pulled out (fault: the device is gone)', async () => {
    await microphone.take('headset');
    microphone.mute(true);
    await pull('headset');
    assert.deepEqual([now().device, now().enabled], ['built-in', false]);
  });

  it('is as it was asked to be after a SIP stack has switched it off', async () => {
    await microphone.take('headset');
    now().enabled = false;
    microphone.enable();
    assert.equal(now().enabled, true);
  });

  it('takes the headset again when it is back, and says so (fault: the device is gone)', async () => {
    await microphone.take('headset');
    await changed();
    await pull('headset');
    assert.deepEqual([now().device, away.at(-1)], ['built-in', true]);
    await plug('headset');
    assert.deepEqual([now().device, away.at(-1)], ['headset', false]);
    assert.ok(
      opened.filter(({ readyState }) => readyState === 'live').length === 1,
      'the other microphone was let go',
    );
  });

  it('takes a headset that was plugged in after the page was opened', async () => {
    plugged.delete('headset');
    await microphone.take('headset');
    await changed();
    assert.deepEqual([now().device, away.at(-1)], ['built-in', true]);
    await plug('headset');
    assert.deepEqual([now().device, away.at(-1)], ['headset', false]);
  });

  it('takes the system’s microphone anew where that one went and came back (fault: the device is gone)', async () => {
    await microphone.take('');
    await changed();
    await pull('built-in');
    assert.deepEqual([now().device, away.at(-1)], ['headset', true]);
    plugged = new Set(['built-in', 'headset']);
    await changed();
    assert.deepEqual([now().device, away.at(-1)], ['built-in', false]);
  });

  it('says that there is none where nothing could take its place, and takes the next (fault: all devices gone)', async () => {
    plugged.delete('built-in');
    await microphone.take('headset');
    await changed();
    away.length = 0;
    await pull('headset');
    assert.deepEqual([problems, away, microphone.dead], [['missing'], [], true]);
    await plug('built-in');
    assert.deepEqual([now().device, microphone.dead], ['built-in', false]);
  });

  it('stops what was opened for a phone that was closed meanwhile', async () => {
    const taking = microphone.take('headset');
    microphone.close();
    assert.equal(await taking, false);
    assert.equal(microphone.stream, null);
    assert.deepEqual([opened.map(({ readyState }) => readyState), used], [['ended'], []]);
  });
});

describe('a leg whose microphone is gone', () => {
  let now: number;
  let inCall: boolean;
  let unheard: boolean;
  let ended: number;
  let watch: UnheardWatch;
  beforeEach(() => {
    [now, inCall, unheard, ended] = [0, true, true, 0];
    const end = () => void (ended += 1);
    watch = new UnheardWatch({ unheard: () => unheard, inCall: () => inCall, end }, () => now);
  });
  afterEach(() => watch.stop());
  const at = (ms: number) => {
    now = ms;
    watch.look();
    return ended;
  };

  it('is ended in a moment between calls, so that no customer comes to it', () => {
    inCall = false;
    watch.start();
    assert.deepEqual([at(900), at(1_000)], [0, 1]);
  });

  it('stays for a moment in a call, then ends, as the dialer gives the customer to a colleague', () => {
    watch.start();
    const early = at(4_000);
    // Nothing could take its place: the time runs on.
    watch.start();
    assert.deepEqual([early, at(6_000)], [0, 1]);
  });

  it('ends with the call, before another customer comes', () => {
    watch.start();
    assert.equal(at(1_000), 0);
    inCall = false;
    assert.equal(at(1_250), 1);
  });

  it('stays where the headset is back in time', () => {
    watch.start();
    unheard = false;
    assert.equal(at(1_000), 0);
  });
});
