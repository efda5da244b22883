import { configureGlobal } from 'fast-check';

// The same cases in every run, so that a failure is the change's; FC_SEED=random (or a number) looks for new ones.
const seed = process.env.FC_SEED ?? '20261121';
if (seed !== 'random') configureGlobal({ seed: Number(seed) });
