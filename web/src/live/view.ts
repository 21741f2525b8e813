/** Which part of the board is shown, and how: all of it stands in the page's address; pure. */
import type { MemberState } from '../api/types';
import { STATES } from './agents';
import type { QueueBoard } from './board';
import type { Severity } from './order';

export const LAYOUTS = ['cards', 'rows'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface BoardView {
  readonly layout: Layout;
  /** Keys of queues; empty: all. */
  readonly queues: ReadonlySet<string>;
  /** A PBX's name; empty: all. */
  readonly pbx: string;
  /** Only queues with a caller at risk or past the deadline. */
  readonly trouble: boolean;
  /** States of agents; empty: all. */
  readonly agents: ReadonlySet<MemberState>;
}

const list = (params: URLSearchParams, name: string): string[] =>
  params.getAll(name).filter((value) => value !== '');

export function readView(params: URLSearchParams): BoardView {
  const states = new Set(list(params, 'agents'));
  return {
    layout: params.get('view') === 'rows' ? 'rows' : 'cards',
    queues: new Set(list(params, 'queue')),
    pbx: params.get('pbx') ?? '',
    trouble: params.get('trouble') === '1',
    agents: new Set(STATES.filter((state) => states.has(state))),
  };
}

/** The address' part for a view; what is as usual is left out, what is not ours stays. */
export function writeView(params: URLSearchParams, view: BoardView): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of ['view', 'queue', 'pbx', 'trouble', 'agents']) next.delete(name);
  if (view.layout !== 'cards') next.set('view', view.layout);
  for (const key of view.queues) next.append('queue', key);
  if (view.pbx !== '') next.set('pbx', view.pbx);
  if (view.trouble) next.set('trouble', '1');
  for (const state of view.agents) next.append('agents', state);
  return next;
}

export const isFiltered = (view: BoardView): boolean =>
  view.queues.size > 0 || view.pbx !== '' || view.trouble;

/** The queues that the view lets through, in their order. */
export function shownQueues(
  queues: readonly QueueBoard[],
  view: BoardView,
  severities: ReadonlyMap<string, Severity>,
): readonly QueueBoard[] {
  if (!isFiltered(view)) return queues;
  return queues.filter(
    ({ key, queue }) =>
      (view.queues.size === 0 || view.queues.has(key)) &&
      (view.pbx === '' || queue.pbx === view.pbx) &&
      (!view.trouble || (severities.get(key) ?? 0) >= 2),
  );
}

/** A set with one value turned. */
export function toggled<T>(values: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(values);
  if (!next.delete(value)) next.add(value);
  return next;
}
