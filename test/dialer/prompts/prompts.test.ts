import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import supertest from 'supertest';
import express, { type ErrorRequestHandler } from 'express';
import { identificationMedia, prepareWords } from '../../../dialer/prompts/identification.ts';
import { createPromptLibrary, type PromptLibrary } from '../../../dialer/prompts/prompt-library.ts';
import { promptRoutes } from '../../../dialer/prompts/prompt-routes.ts';
import type { Speech } from '../../../dialer/telephony/speech.ts';
import { testApp, type TestApp } from '../../support/app.ts';

const words = { en: 'This is Fathom. Press nine to be called no more.', 'zh-CN': '这里是测试公司。' };

describe('words of the identification message', () => {
  let app: TestApp;
  let library: PromptLibrary;
  const spoken: string[] = [];
  let mute = false;
  const speech: Speech = {
    async speak(text) {
      if (mute) throw new Error('no voice');
      spoken.push(text);
      return Buffer.from(`RIFF ${text}`);
    },
  };

  beforeEach(async () => {
    mute = false;
    spoken.length = 0;
    app = await testApp();
    library = createPromptLibrary(app.config, { speech, log: app.log });
  });
  afterEach(() => app.close());

  const media = (language: string | null, given: Record<string, string> = words) =>
    identificationMedia(library, { words: given, optOutDigit: '9' }, language);

  it('are spoken once, and played in the customer’s language before the standard message', async () => {
    prepareWords(library, { words });
    prepareWords(library, { words });
    await library.idle();
    prepareWords(library, { words });
    await library.idle();
    assert.equal(spoken.length, 2);
    const [own, standard] = media('zh');
    assert.match(own!, /^sound:http:\/\/localhost\/prompts\/[0-9a-f]{64}\.wav$/);
    assert.equal(standard, 'sound:ringwise/identification-zh-CN');
    assert.notEqual(media('en')[0], own);
  });

  it('leave the standard message where there is no sound of them', async () => {
    assert.deepEqual(media('en'), ['sound:ringwise/identification-en']);
    assert.deepEqual(media('yue', {}), ['sound:ringwise/identification-zh-TW']);
    assert.deepEqual(media('fr', {}), ['sound:ringwise/identification-en']);
    mute = true;
    prepareWords(library, { words });
    await library.idle();
    assert.deepEqual(media('en'), ['sound:ringwise/identification-en']);
  });

  it('are given to a switch that knows the name, and nothing else is', async () => {
    prepareWords(library, { words });
    await library.idle();
    const web = express();
    const refuse: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status).end();
    web.use(promptRoutes(app), refuse);
    const path = media('en')[0]!.replace('sound:http://localhost', '');
    const sound = await supertest(web).get(path).buffer(true);
    assert.equal(sound.status, 200);
    assert.equal(sound.headers['content-type'], 'audio/wav');
    for (const wrong of [`/prompts/${'0'.repeat(64)}.wav`, '/prompts/..%2fsecret.json', '/prompts/x.wav'])
      assert.notEqual((await supertest(web).get(wrong)).status, 200, wrong);
  });
});
