/** From when on what is shown is no longer known to be true; pure. */
import type { StreamPhase } from './store';

/** Moments of the monitor's clock, in milliseconds. */
export interface Freeze {
  /** Everything is frozen as of then; null while the stream lives. */
  readonly all: number | null;
  /** By PBX: its link is not connected; its calls, queues and agents are frozen. */
  readonly pbxs: ReadonlyMap<string, number>;
}

export function freezeOf(phase: StreamPhase, downSince: ReadonlyMap<string, string>): Freeze {
  return {
    all: phase.kind === 'stale' ? phase.asOf : null,
    pbxs: new Map([...downSince].map(([pbx, since]) => [pbx, Date.parse(since)])),
  };
}

/** As of when a PBX's figures stand; null while they are live. */
export function frozenAt(freeze: Freeze, pbx: string): number | null {
  const link = freeze.pbxs.get(pbx) ?? null;
  if (freeze.all === null) return link;
  return link === null ? freeze.all : Math.min(freeze.all, link);
}
