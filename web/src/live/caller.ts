/** One caller's minute: which clock runs for the call, and how it stands at a moment. */
import type { Call, Stay, Visit } from '../api/types';

const SECOND = 1_000;

/** What is said beside the bar when the call's own commitment is settled already. */
export type Mark = 'voice_server' | 'agent' | 'excluded' | null;

export type CallerState = 'calm' | 'risk' | 'breached' | 'over' | 'untimed';

/** All moments are the PBX's, in milliseconds. */
export interface Minute {
  /** The call's commitment, or only the visit's own wait where that is settled. */
  readonly basis: 'commitment' | 'visit';
  readonly startMs: number;
  readonly riskMs: number | null;
  readonly dueMs: number | null;
  readonly breached: boolean;
  readonly mark: Mark;
}

/**
 * The visit that the caller is in, or has left without a known exit: while an announcement plays
 * to the agent, the caller has left the queue and is with nobody yet.
 */
export function openVisit(call: Call): Visit | null {
  const last = call.visits.at(-1);
  return last !== undefined && last.exit === null ? last : null;
}

export function openStay(call: Call): Stay | null {
  const last = call.voice_server_stays.at(-1);
  return last !== undefined && last.left_at === null ? last : null;
}

/**
 * The clock to show for a live caller.
 *
 * While the commitment is open it is the call's; once a voice server or an agent has met it, the
 * caller still waits, and then the visit's own threshold is what a team leader can act on.
 */
export function minuteOf(call: Call): Minute {
  let minute = minutes.get(call);
  if (minute === undefined) {
    minute = makeMinute(call);
    minutes.set(call, minute);
  }
  return minute;
}

/** A record is replaced, never changed: what follows from it is worked out once. */
const minutes = new WeakMap<Call, Minute>();

function makeMinute(call: Call): Minute {
  // While it is not known whether the call counts at all, its deadline means nothing yet.
  const open = call.verdict === 'pending' && call.reason !== 'calendar_unknown';
  const settled = !open && call.verdict !== 'breached';
  if (!settled && call.deadline_at !== null) return commitmentMinute(call, call.deadline_at);
  return visitMinute(call, settled ? markOf(call) : null);
}

function commitmentMinute(call: Call, deadline: string): Minute {
  return {
    basis: 'commitment',
    startMs: Date.parse(call.clock_started_at ?? call.arrived_at),
    riskMs: call.at_risk_at === null ? null : Date.parse(call.at_risk_at),
    dueMs: Date.parse(deadline),
    breached: call.verdict === 'breached',
    mark: null,
  };
}

function visitMinute(call: Call, mark: Mark): Minute {
  const visit = openVisit(call);
  const stay = openStay(call);
  const joined = visit?.joined_at ?? stay?.entered_at ?? call.arrived_at;
  const startMs = Date.parse(joined);
  const dueMs = visit === null ? null : startMs + visit.within_s * SECOND;
  return { basis: 'visit', startMs, riskMs: null, dueMs, breached: false, mark };
}

function markOf(call: Call): Mark {
  if (call.verdict === 'excluded') return 'excluded';
  if (call.verdict === 'met') return call.handled_by;
  return null;
}

/** How the caller stands at `now` (the PBX's clock). A breach is the server's to say. */
export function stateAt(minute: Minute, now: number): CallerState {
  if (minute.breached) return 'breached';
  if (minute.dueMs === null) return 'untimed';
  if (minute.basis === 'visit') return now >= minute.dueMs ? 'over' : 'calm';
  return minute.riskMs !== null && now >= minute.riskMs ? 'risk' : 'calm';
}

/** Who of some callers has been in a queue longest, and since when. */
export function longestOf(calls: Iterable<Call>): { pbx: string; since: string } | null {
  let longest: { pbx: string; since: string } | null = null;
  for (const call of calls) {
    const since = openVisit(call)?.joined_at;
    if (since === undefined) continue;
    if (longest === null || since < longest.since) longest = { pbx: call.pbx, since };
  }
  return longest;
}
