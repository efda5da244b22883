import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'mocha';
import { createRecordingFolder } from '../../../dialer/recordings/recording-folder.ts';
import { defineRecordingJobs } from '../../../dialer/recordings/recording-jobs.ts';
import { createRecordingStore } from '../../../dialer/recordings/recording-store.ts';
import { fetchRecordingJob, firstDialer } from '../../../dialer/recordings/fetch-queue.ts';
import { eventually } from '../../support/eventually.ts';
import { testApp } from '../../support/app.ts';

/** A head of 44 bytes and silence, 8,000 samples of 2 bytes a second. */
function wav(ms: number): Buffer {
  const sound = Buffer.alloc(Math.round(ms * 16));
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(16_000, 28);
  return Buffer.concat([head, sound]);
}

describe('a recording that is brought over', () => {
  it('is as long as its file: the switch says whole seconds', async () => {
    const app = await testApp();
    const store = createRecordingStore(app);
    const telephony = {
      fetchRecording: async () => Readable.from([wav(4_600)]),
      deleteRecording: async () => {},
    };
    defineRecordingJobs(app, { telephony: telephony as never, store, dialerId: firstDialer });
    await app.jobs.start();
    await store.started('call', 'talk', app.clock.now());
    await app.jobs.add(fetchRecordingJob(firstDialer), { name: 'talk', durationMs: 5_000 });
    await eventually(async () => assert.equal((await store.byName('talk'))?.state, 'stored'));
    assert.equal((await store.byName('talk'))?.durationMs, 4_600);
    await app.close();
  });

  it('stays on the switch while the share with the recordings is not mounted', async () => {
    const app = await testApp();
    const store = createRecordingStore(app);
    let deleted = 0;
    const telephony = {
      fetchRecording: async () => Readable.from([wav(1_000)]),
      deleteRecording: async () => void deleted++,
    };
    defineRecordingJobs(app, { telephony: telephony as never, store, dialerId: firstDialer });
    await app.jobs.start();
    await store.started('before', 'before', 1);
    await store.stored('before', { path: 'recordings/1970/01/before.wav', size: 1, durationMs: 1 }, 2);
    await store.started('call', 'talk', app.clock.now());
    const id = await app.jobs.add(fetchRecordingJob(firstDialer), { name: 'talk' }, { attempts: 1 });
    await eventually(async () => assert.equal((await app.jobs.get(id))?.state, 'failed'));
    assert.equal((await store.byName('talk'))?.state, 'recording');
    assert.equal(deleted, 0);
    await createRecordingFolder(app).accept();
    await app.jobs.add(fetchRecordingJob(firstDialer), { name: 'talk' });
    await eventually(async () => assert.equal((await store.byName('talk'))?.state, 'stored'));
    await app.close();
  });

  it('is deleted on a switch that was away, once it is back, and by its own dialer only', async () => {
    const app = await testApp();
    const store = createRecordingStore(app);
    let isUp = false;
    const deleted: string[] = [];
    const telephony = {
      fetchRecording: async () => Readable.from([wav(1_000)]),
      deleteRecording: async (name: string) => {
        if (!isUp) throw new Error('the switch is away');
        deleted.push(name);
      },
    };
    const call = { direction: 'out', path: 'power', state: 'ended', created_at: 1 };
    for (const id of ['main', 'east']) {
      await app.db.knex('calls').insert({ ...call, id, dialer_id: id });
      await store.started(id, id, app.clock.now());
    }
    await store.stored('east', { path: 'recordings/east.wav', size: 1, durationMs: 1 }, 2);
    await createRecordingFolder(app).accept();
    const jobs = defineRecordingJobs(app, { telephony: telephony as never, store, dialerId: firstDialer });
    await app.jobs.start();
    await app.jobs.add(fetchRecordingJob(firstDialer), { name: 'main' });
    await eventually(async () => assert.equal((await store.byName('main'))?.state, 'stored'));
    await jobs.start();
    assert.deepEqual(await store.onSwitch(firstDialer), ['main']);
    isUp = true;
    await eventually(async () => {
      await app.clock.advance(60_000);
      assert.deepEqual(deleted, ['main']);
      assert.deepEqual(await store.onSwitch(firstDialer), []);
    });
    assert.deepEqual(await store.onSwitch('east'), ['east']);
    await app.close();
  });
});
