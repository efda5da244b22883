import type { PacingView } from '../protocol.ts';

/** One campaign as several dialers see it: what they do together, in the words of one that dials. */
export function mergePacing(views: readonly [PacingView, ...PacingView[]]): PacingView {
  const speaker =
    views.find(({ notDialing }) => notDialing === null) ??
    views.find(({ notDialing }) => notDialing?.code !== 'no-agents') ??
    views[0];
  const sum = (of: (view: PacingView) => number) => views.reduce((total, view) => total + of(view), 0);
  return {
    ...speaker,
    at: Math.max(...views.map(({ at }) => at)),
    launch: sum(({ launch }) => launch),
    linesInFlight: sum(({ linesInFlight }) => linesInFlight),
    hopper: sum(({ hopper }) => hopper),
  };
}
