export const opening = `# Pacing

How the engine in \`dialer/pacing\` decides how many calls to place, and how good it is. The file is written by \`npm run bench -- pacing\`.

## How it works

The engine is a pure fold: \`observe(event)\` learns, \`decide(now, limits)\` answers how many calls to launch now and why, and changes nothing. The same events give the same decisions, so after a restart the state is rebuilt from the event table.

1. **Who is where** (\`floor.ts\`). Agents idle, talking, in wrap-up; lines ringing; answers waiting. Repeated, late and foreign events change nothing; a line whose end was never told is let go after its longest ring plus a minute.
2. **What is learnt** (\`lines.ts\`, \`desk.ts\`, \`learning.ts\`). Answer probability (hints of single leads are put right by what came true), time to an answer, worth of a line that has rung for long (Bayes with two fading histograms, drawn to "no difference" as far as chance could explain it), talk and wrap-up with elapsed time. Each mean runs slow and fast side by side; when they differ by more than chance allows, the slow one starts anew: a halved answer rate is noticed within some hundred calls. Answer probability is counted by whole cohorts of dialling, since dead numbers end at once and silence takes longest.
3. **The plan** (\`plan.ts\`, \`planner.ts\`). For the learnt floor the engine solves the Markov decision process itself, for a ladder of prices of an abandoned call, in some milliseconds, and keeps it: how many answers should be on their way at each count of free agents. Orders are in expected answers, so lines that differ in worth add up. The fair price is the one at which the dual of the capped problem is least.
4. **The forecast.** Agents who will be free sooner than usual, by their elapsed talk or wrap-up, count as nearly free already, but only while somebody is free: dialling with nobody free measured worse.
5. **The price of now** (\`price.ts\`). The account of the window (cap × live answers − abandoned) makes an abandoned call dearer when it is nearly empty and cheaper when it is full, and is used up towards the close of dialling where that is known. The target itself never moves.
6. **The promise** (\`guard.ts\`, \`budget.ts\`). Whatever the plan asks: more lines than that bring more answers than free agents and account together cover, with a chance of 3 in 100,000 by a binomial bound and with no agent becoming free meanwhile, are not launched. One line for each free agent is always covered. An account below zero means progressive dialling, said so in the decision, until it is earned back. Only before the hundredth answer of a window may two thirds of the first hundred's grant be spent ahead.

\`shareOut\` shares lines and calls per second between campaigns: nine tenths to the highest priority by weight, a tenth to all, fractions carried as credit so that none starves; \`shareAgents\` lends each agent to one campaign at a time.

\`ringwise pacing simulate\` plays days of a campaign through this very engine.`;

export const closing = `## What was tried

| design | result |
| --- | --- |
| base stock on expected answers with one slope | the first engine; replaced by the solved plan, which finds the shape for each floor, before it was measured at length |
| newsvendor look-ahead by convolution, policy search in simulation | weighed on paper only: the exact plan turned out cheap enough (1 to 60 ms) to be solved on the spot |
| solved plan, account as a further state of the decision process, day ending at random | with all rates known and played on eight-hour days: 0.84 of the prize (5 agents, 180 s, p .25), 0.82 to 0.88 (p .5), 0.86 to 0.92 (p .1, by how dear a broken cap is); seconds to solve, so the price curve imitates it |
| proportional price only | spends too much near an empty account and is then held by the guard in the wrong states: 0.70 for 5 agents at p .25 |
| raw Bayes worth of old lines | noise of the histograms cost .01 to .06 of the prize with five agents; drawn to 1 by the evidence it costs about nothing |
| dialling ahead of agents with nobody free | small team .758 busy against .779 without |

## Where a target is missed, and why

- **The guard** was tightened from 2 in 10,000 to 3 in 100,000 after one of 200 days ended over the cap (5 agents, p .1). It costs about .03 of the prize there and next to nothing with more agents or likelier answers.
- **Five agents under a hard daily cap** of 180 s win about 0.8 of the prize, not 0.90. A day grants about twenty abandoned calls; a reserve of three to four of them has to be standing at every moment, since the engine is not told when the day ends, and even the decision process that has the account as a further state and knows all rates gained only 0.82 to 0.92 there (see above). When the close of dialling is known (\`limits.closesAt\`, or a window as long as the day) the reserve is spent towards the end and the figure rose to about 0.86 (200 days, none over, before the guard was tightened); the dialer should pass it.
- The optimum of the table knows the floor; the engine starts without history. Over thirty days what that costs is small; over windows of a few days (which the shorter runs of this bench use for large floors) the first morning weighs .01 to .04 of the prize.
- The model rings for exponential times. Real ring times are more regular, which the plan does not use.
- Plans above a load of eight agents becoming free in a ring time are scaled from smaller ones.
`;
