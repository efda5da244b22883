export const opening = `# Pacing

How the engine in \`dialer/pacing\` decides how many calls to place, and how good it is. The file is written by \`npm run bench -- pacing\`.

## How it works

The engine is a pure fold: \`observe(event)\` learns, \`decide(now, limits)\` answers how many calls to launch now and why, and changes nothing. The same events give the same decisions, so after a restart the state is rebuilt from the event table.

1. **Who is where** (\`floor.ts\`). Agents idle, talking, in wrap-up; lines ringing; answers waiting. Repeated, late and foreign events change nothing; a line whose end was never told is let go after its longest ring plus a minute.
2. **What is learnt** (\`lines.ts\`, \`desk.ts\`, \`learning.ts\`). Answer probability (hints of single leads are put right by what came true), time to an answer, worth of a line that has rung for long (Bayes with two fading histograms, drawn to "no difference" as far as chance could explain it), talk and wrap-up with elapsed time. Each mean runs slow and fast side by side; when they differ by more than chance allows, the slow one starts anew: a halved answer rate is noticed within some hundred calls. Answer probability is counted by whole cohorts of dialling, since dead numbers end at once and silence takes longest.
3. **The plan** (\`plan.ts\`, \`decision-process.ts\`, \`planner.ts\`). For the learnt floor the engine solves the Markov decision process itself, for a ladder of prices of an abandoned call: how many answers should be on their way at each count of free agents. Small floors are solved for several depths of the account, with what the guard forbids left out of the choices. Orders are in expected answers, so lines that differ in worth add up. The work is done beside the calls, some thousand states at each event, and a new plan comes into force after the same events whether it had been solved before or not.
4. **The forecast.** Agents who will be free sooner than usual, by their elapsed talk or wrap-up, count as nearly free already, but only while somebody is free: dialling with nobody free measured worse.
5. **The price of now** (\`account.ts\`, \`closing.ts\`). The floor settles within minutes, the account (cap × live answers − abandoned) within hours. So the account is a second, slow decision process on top of the plan's gains, solved backwards from the close of dialling: what one more call in the account is worth at this balance and this distance from the close is the price of abandoning one. An empty account makes it dear, the approaching close cheap, so that the day's budget is used up. The close is what the caller says (\`limits.closesAt\`; the dialer says when calling hours end); where nobody has said, eight hours after the day's first event and from then on each next hour, which costs a reserve when it is wrong, never the cap. The target itself never moves.
6. **The promise** (\`guard.ts\`, \`budget.ts\`, \`price.ts\`). Whatever the plan asks: more lines than that bring more answers than free agents and account together cover, with a chance of 5 in a million by a binomial bound and with no agent becoming free meanwhile, are not launched; near the close, where nothing can be earned back any more, one in ten million. One line for each free agent is always covered. An account below zero means progressive dialling, said so in the decision, until it is earned back. Only before the hundredth answer of a window may calls be abandoned ahead of their grant: two thirds of the first hundred's at most, and never more than the answers that are as good as sure to come today will grant, so that a day whose answers carry no abandoned call dials progressively. Nothing is spent ahead that the leads which are left cannot bring answers for (\`leadsLeft\`, of several dialers each its part): a short list ends under its cap too.

After a restart, and after a change of a campaign's settings, the dialer tells the new pacer the call and agent events of the last day, and of what lies before, how many answers there were: it decides as the one that was there all the time (tested on SQLite and MariaDB).

\`shareOut\` shares lines and calls per second between campaigns: nine tenths to the highest priority by weight, a tenth to all, fractions carried as credit so that none starves; \`shareAgents\` lends each agent to one campaign at a time.

\`ringwise pacing simulate\` plays days of a campaign through this very engine.`;

export const closing = `## What was tried

| design | result |
| --- | --- |
| base stock on expected answers with one slope | the first engine; replaced by the solved plan, which finds the shape for each floor, before it was measured at length |
| newsvendor look-ahead by convolution, policy search in simulation | weighed on paper only: the exact plan turned out cheap enough (1 to 60 ms) to be solved on the spot |
| solved plan, account as a further state of the decision process, day ending at random | with all rates known and played on eight-hour days: 0.84 of the prize (5 agents, 180 s, p .25), 0.82 to 0.88 (p .5), 0.86 to 0.92 (p .1, by how dear a broken cap is); seconds to solve, so the price curve imitates it |
| the same, day's end known, all rates known, account in eighths of a call, never overdrawn after the hundredth answer | an upper bound for five agents of 180 s on eight-hour days (200 days, 100 at p .1): 0.888 (p .25), 0.888 (p .5), 0.904 (p .1); with a day that may end at random 0.862 and 0.869 (p .25, .5) |
| the same, with the account allowed below zero while the answers still to come will surely make it good | 0.944 (p .25), 0.914 (p .5), no day over at its end, but most of them over at some time of the day: given up, since a campaign stopped at noon would have broken its cap |
| price curve found by search, plan without the account | five agents on single days: 0.82 (p .25), 0.79 (p .5), 0.84 (p .1); 0.98 with a window of 30 days |
| slow decision process of the account on the plan's gains (in force) | with the same guard: 0.857 (p .25, 120 days), 0.895 (p .5), 0.871 (p .1); 60 s: 0.924 against 0.900 (p .1), 0.941 against 0.916 (p .25); ten agents of 180 s, p .25: 0.929 against 0.906 |
| the same priced for a window without end, 512 calls to be granted | 0.960 (five agents, 180 s, p .25, 150 days over windows of 30); with 64 calls 0.980, with 32 or 16 about the same: 64 is in force |
| plans by depth of the account in a window of weeks | 0.989 against 0.994 without (20 agents, 180 s, p .25, 60 days): only days have them |
| proportional price only | spends too much near an empty account and is then held by the guard in the wrong states: 0.70 for 5 agents at p .25 |
| raw Bayes worth of old lines | noise of the histograms cost .01 to .06 of the prize with five agents; drawn to 1 by the evidence it costs about nothing |
| a guard looser by 6 and by 40 times (3 in 100,000; 2 in 10,000) | five agents of 180 s on the same days: -0.004 ± 0.006 and +0.007 ± 0.008 (p .25, 200 days), +0.011 ± 0.008 and +0.027 ± 0.010 (p .1, 80 days), but with the latter 4 of 80 days were over at some moment: 5 in a million stays |
| rates told to the engine instead of learnt | five agents of 180 s on the same days: +0.036 ± 0.009 (p .25, 200 days), +0.035 ± 0.009 (p .1, 120 days); the answer probability alone +0.037 ± 0.010 |
| a memory three times as long for the answer probability; old lines taken for fresh ones; the guard told the probability | -0.002 ± 0.009, -0.001 ± 0.001, 0.000 ± 0.001 (100 days of the same): nothing |
| dialling ahead of agents with nobody free | small team .758 busy against .779 without |

## Where a target is missed, and why

- **Days played.** Two hundred days of each case and a thousand of the small ones take some processor-hours; the tables say how many were played, and ± what that is worth. Before decisions were made faster (they are the same ones, day by day), five agents of 180 s at p .25 and ten at p .5 were played for a thousand days each: none was over its cap, at its end or at any moment after the hundredth answer.
- **Speed.** The mean keeps to 50 µs, the 99th percentile does not: a decision looks at each line that rings, 1,500 here. Small floors decide in some 2 µs.

- **Five agents of 180 s under a hard daily cap** cannot win 0.90 at p .25 and .5 by any rule that is never over the cap after the hundredth answer: a solver that knows all rates and the close gets 0.888 (see above). A day grants some twenty abandoned calls there, and only whole ones can be spent. Told the rates, the engine itself gets 0.885 (p .25) and 0.881 (p .1), so its plan is as good as the bound allows at p .25; **learning the answer probability anew each morning costs the .035 that are missing**: it is known to 23 % in the first half-hour, to 6 % after two hours. A campaign that dialled yesterday begins with what it learnt then, which these figures leave out. Letting the account be overdrawn while the day will surely make it good would reach 0.91 to 0.94.
- The optimum of the table knows the floor; the engine starts without history. Over thirty days what that costs is small; over windows of a few days (which the shorter runs of this bench use for large floors) the first morning weighs .01 to .04 of the prize.
- The model rings for exponential times. Real ring times are more regular, which the plan does not use.
- Plans above a load of eight agents becoming free in a ring time are scaled from smaller ones.
`;
