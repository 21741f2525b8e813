/** From when on what is shown is no longer known to be true; pure. */
import type { LivePbx } from '../api/types';
import type { StreamPhase } from './store';

/** Moments of the monitor's clock, in milliseconds. */
export interface Freeze {
  /** Everything is frozen as of then; null while the stream lives. */
  readonly all: number | null;
  /** By PBX: its link is not connected; its calls, queues and agents are frozen. */
  readonly pbxs: ReadonlyMap<string, number>;
}

export function freezeOf(phase: StreamPhase, pbxs: Iterable<LivePbx>): Freeze {
  const links = [...pbxs].flatMap((pbx) => {
    const since = blindSince(pbx);
    return since === null ? [] : [[pbx.name, since] as const];
  });
  return { all: phase.kind === 'stale' ? phase.asOf : null, pbxs: new Map(links) };
}

/** Through lost, connecting and resyncing alike; null for a PBX that is observed. */
export function blindSince(pbx: LivePbx): number | null {
  if (pbx.blind_since !== null) return Date.parse(pbx.blind_since);
  return pbx.state === 'connected' ? null : Date.parse(pbx.since);
}

/** As of when a PBX's figures stand; null while they are live. */
export function frozenAt(freeze: Freeze, pbx: string): number | null {
  const link = freeze.pbxs.get(pbx) ?? null;
  if (freeze.all === null) return link;
  return link === null ? freeze.all : Math.min(freeze.all, link);
}
