/** What the live page shows, derived from the live state; pure. */
import type { Call, LiveQueue } from '../api/types';
import { type CallerState, minuteOf, openStay, openVisit, stateAt } from './caller';
import { type LiveState, queueKey } from './reducer';

export interface QueueBoard {
  readonly key: string;
  readonly queue: LiveQueue;
  /** In the order of joining, which is the order of their positions. */
  readonly callers: readonly Call[];
}

export interface Board {
  readonly queues: readonly QueueBoard[];
  /** In no queue and no voice server yet: ringing, or in the dialplan. */
  readonly arriving: readonly Call[];
  readonly inVoiceServer: readonly Call[];
}

export function deriveBoard(state: LiveState): Board {
  const waiting = new Map<string, Call[]>();
  const arriving: Call[] = [];
  const inVoiceServer: Call[] = [];
  for (const call of state.calls.values()) {
    const visit = openVisit(call);
    const key = visit === null ? null : queueKey(call.pbx, visit.queue);
    if (key !== null && state.queues.has(key)) push(waiting, key, call);
    else if (openStay(call) !== null) inVoiceServer.push(call);
    else if (!hasReachedAgent(call)) arriving.push(call);
  }
  return {
    queues: [...state.queues].map(([key, queue]) => ({
      key,
      queue,
      callers: (waiting.get(key) ?? []).sort(byJoined),
    })),
    arriving: arriving.sort(byArrival),
    inVoiceServer: inVoiceServer.sort(byArrival),
  };
}

/**
 * With an agent, or past the conversation: the agents' side of the page shows it. Who handled the
 * call does not tell: that may have been a voice server, before.
 */
function hasReachedAgent(call: Call): boolean {
  return call.handled_by === 'agent' || call.visits.at(-1)?.exit === 'answered';
}

function push(map: Map<string, Call[]>, key: string, call: Call): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [call]);
  else list.push(call);
}

// Moments of one form and zone: their texts are in the order of time.
const byArrival = (a: Call, b: Call): number => compare(a.arrived_at, b.arrived_at, a, b);

const byJoined = (a: Call, b: Call): number =>
  compare(openVisit(a)?.joined_at ?? a.arrived_at, openVisit(b)?.joined_at ?? b.arrived_at, a, b);

function compare(first: string, second: string, a: Call, b: Call): number {
  if (first !== second) return first < second ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

export interface Tally {
  readonly waiting: number;
  readonly risk: number;
  readonly breached: number;
}

/** Counts the callers who are not with anybody, by how they stand at `now`. */
export function tally(calls: Iterable<Call>, nowOf: (call: Call) => number): Tally {
  const counts: Record<CallerState, number> = {
    calm: 0,
    risk: 0,
    breached: 0,
    over: 0,
    untimed: 0,
  };
  let waiting = 0;
  for (const call of calls) {
    waiting += 1;
    counts[stateAt(minuteOf(call), nowOf(call))] += 1;
  }
  return { waiting, risk: counts.risk, breached: counts.breached };
}
