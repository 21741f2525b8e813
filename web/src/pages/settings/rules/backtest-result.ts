/** What a backtest found, sorted for the page; pure. */
import type { Simulation } from '../../../api/types';

export type Effect = 'saved' | 'worsened' | 'same' | 'unknown';

export interface Line {
  readonly id: string;
  readonly arrivedAt: string;
  readonly queue: string;
  readonly waited: number | null;
  readonly before: Simulation['affected_calls'][number]['before'];
  readonly after: Simulation['affected_calls'][number]['after'];
  readonly effect: Effect;
  /** Null: not moved, but behind or before somebody who was. */
  readonly moved: { readonly to: string; readonly waitThere: number | null } | null;
}

const GOOD = ['met'];

export function effectOf(before: Line['before'], after: Line['after']): Effect {
  if (before === after) return 'same';
  if (after === 'unknown') return 'unknown';
  if (GOOD.includes(after)) return 'saved';
  if (GOOD.includes(before) || after === 'breached') return 'worsened';
  return 'same';
}

/** All callers whom the rule would have touched, by their arrival. */
export function linesOf(found: Simulation): Line[] {
  const moved = found.moved_calls.map((call) => ({
    ...common(call),
    moved: { to: call.to.queue || call.to.context, waitThere: call.wait_there_s },
  }));
  const others = found.affected_calls.map((call) => ({ ...common(call), moved: null }));
  return [...moved, ...others].sort((a, b) => a.arrivedAt.localeCompare(b.arrivedAt));
}

const common = (call: Simulation['affected_calls'][number]) => ({
  id: call.call_id,
  arrivedAt: call.arrived_at,
  queue: call.queue,
  waited: call.waited_s,
  before: call.before,
  after: call.after,
  effect: effectOf(call.before, call.after),
});
