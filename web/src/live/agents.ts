/** Agents from members: one person may be a member of many queues and is shown once. */
import type { LiveMember, MemberState } from '../api/types';
import { queueKey } from './keys';

export interface Agent {
  readonly key: string;
  readonly pbx: string;
  readonly interface: string;
  readonly name: string;
  readonly state: MemberState;
  readonly since: string;
  readonly pauseReason: string;
  readonly callId: string;
  /** The queue that the state comes from. */
  readonly queue: string;
  readonly queues: readonly string[];
  /** Queues in which the agent is paused while being available elsewhere. */
  readonly pausedIn: readonly string[];
  /** Offers of today, in all queues, that were not taken. */
  readonly missed: number;
  readonly answered: number;
}

/** How many serve a queue: logged in and reachable, and how many of them could take a call now. */
export interface Staff {
  readonly free: number;
  readonly total: number;
}

export const NOBODY: Staff = { free: 0, total: 0 };

/** By queue. Paused agents are logged in; a phone that cannot be reached serves nobody. */
export function staffOf(members: Iterable<LiveMember>): ReadonlyMap<string, Staff> {
  const staff = new Map<string, { free: number; total: number }>();
  for (const { pbx, queue, state } of members) {
    const key = queueKey(pbx, queue);
    let counts = staff.get(key);
    if (counts === undefined) {
      counts = { free: 0, total: 0 };
      staff.set(key, counts);
    }
    if (state !== 'unavailable') counts.total += 1;
    if (state === 'available') counts.free += 1;
  }
  return staff;
}

/** In which order states are shown. */
export const STATES: readonly MemberState[] = [
  'talking',
  'on_hold',
  'ringing',
  'wrap_up',
  'available',
  'paused',
  'busy',
  'unavailable',
];

/**
 * Which of an agent's states says what the person does: a conversation or a ringing phone in one
 * queue is only "busy" as seen from another; paused in one queue may be available in the next.
 */
const PRECEDENCE: readonly MemberState[] = [
  'on_hold',
  'talking',
  'ringing',
  'wrap_up',
  'busy',
  'available',
  'paused',
  'unavailable',
];

export function groupAgents(members: Iterable<LiveMember>): readonly Agent[] {
  const places = new Map<string, LiveMember[]>();
  for (const member of members) {
    const key = `${member.pbx}/${member.interface}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, [member]);
    else known.push(member);
  }
  return [...places].map(([key, rows]) => toAgent(key, rows)).sort(byName);
}

function toAgent(key: string, rows: readonly LiveMember[]): Agent {
  const lead = [...rows].sort(
    (a, b) =>
      PRECEDENCE.indexOf(a.state) - PRECEDENCE.indexOf(b.state) ||
      Number(b.call_id !== '') - Number(a.call_id !== '') ||
      Date.parse(b.since) - Date.parse(a.since),
  )[0] as LiveMember;
  return {
    key,
    pbx: lead.pbx,
    interface: lead.interface,
    name: lead.name === '' ? lead.interface : lead.name,
    state: lead.state,
    since: lead.since,
    pauseReason: lead.pause_reason,
    callId: lead.call_id,
    queue: lead.queue,
    queues: rows.map((row) => row.queue).sort(),
    pausedIn:
      lead.state === 'paused'
        ? []
        : rows
            .filter((row) => row.state === 'paused')
            .map((row) => row.queue)
            .sort(),
    missed: rows.reduce((sum, row) => sum + row.missed_today, 0),
    answered: rows.reduce((sum, row) => sum + row.answered_today, 0),
  };
}

const byName = (a: Agent, b: Agent): number =>
  a.name.localeCompare(b.name, undefined, { numeric: true }) || a.key.localeCompare(b.key);

/** Agents by state, in the order of display; states that nobody is in are left out. */
export function byState(agents: readonly Agent[]): readonly (readonly [MemberState, Agent[]])[] {
  return STATES.map(
    (state) => [state, agents.filter((agent) => agent.state === state)] as const,
  ).filter(([, list]) => list.length > 0);
}
