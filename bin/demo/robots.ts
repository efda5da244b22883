import type { App } from '../../core/app.ts';
import { createRobotAgents } from '../../dialer/index.ts';
import { createRobotAnswers } from './robot-answers.ts';

/** Lets robots work these accounts; they leave an account to a person who signs in to it. */
export async function startRobots(app: App, userIds: readonly number[]): Promise<{ close(): Promise<void> }> {
  const robots = createRobotAgents(app, {
    userIds,
    talkMs: { least: 10_000, mean: 60_000 },
    wrapupMs: { least: 3_000, most: 15_000 },
    breakChance: 0.01,
    beforeDisposing: createRobotAnswers(app),
  });
  await robots.start();
  return robots;
}
