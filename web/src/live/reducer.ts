/**
 * The live state as a pure function of what the server sent.
 *
 * No I/O and no clock in here: the same messages always make the same state, so that a recorded
 * stream can be replayed in a test and shows exactly what a person saw.
 */
import type {
  Alert,
  Call,
  Change,
  Command,
  CommitmentFigures,
  Decision,
  Delta,
  LiveMember,
  LiveMessage,
  LiveOverflow,
  LivePbx,
  LiveQueue,
  LiveScope,
  LiveSystem,
  Snapshot,
} from '../api/types';
import { queueKey } from './keys';
import { type Trends, trendsOf, withPoints } from './trend';

/** How many calls that just ended are kept for the strip. */
export const ENDED_KEPT = 12;
/** How many of the last decisions are kept. */
export const DECISIONS_KEPT = 20;

export interface LiveState {
  readonly seq: number;
  readonly serverTime: string;
  readonly pbxs: ReadonlyMap<string, LivePbx>;
  readonly queues: ReadonlyMap<string, LiveQueue>;
  readonly calls: ReadonlyMap<string, Call>;
  readonly members: ReadonlyMap<string, LiveMember>;
  /** Latest end first. */
  readonly ended: readonly Call[];
  readonly today: CommitmentFigures;
  readonly system: LiveSystem;
  readonly overflow: LiveOverflow;
  /** Newest first. */
  readonly decisions: readonly Decision[];
  /** What carried out these decisions, by the decision's id. */
  readonly commands: ReadonlyMap<string, Command>;
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly trends: Trends;
  readonly scope: LiveScope;
}

export interface Reduced {
  readonly state: LiveState | null;
  /** Something was missed: the state must not be trusted until a snapshot has come. */
  readonly needsResync: boolean;
}

export { queueKey };

const memberKey = (pbx: string, queue: string, iface: string): string => `${pbx}/${queue}/${iface}`;

/** Takes one message; `state` is null before the first snapshot. */
export function reduce(state: LiveState | null, message: LiveMessage): Reduced {
  switch (message.type) {
    case 'snapshot':
      return { state: fromSnapshot(message, state), needsResync: false };
    case 'delta':
      return applyDelta(state, message);
    case 'heartbeat':
      if (state === null || message.seq !== state.seq) return { state, needsResync: true };
      return { state: { ...state, serverTime: message.server_time }, needsResync: false };
    default:
      // A newer server may send what this page does not know; it is no reason to stop.
      return { state, needsResync: false };
  }
}

function fromSnapshot(snapshot: Snapshot, previous: LiveState | null): LiveState {
  const alive = new Set(snapshot.calls.map((call) => call.id));
  return {
    seq: snapshot.seq,
    serverTime: snapshot.server_time,
    pbxs: new Map(snapshot.pbxs.map((pbx) => [pbx.name, pbx])),
    queues: new Map(snapshot.queues.map((queue) => [queueKey(queue.pbx, queue.name), queue])),
    calls: new Map(snapshot.calls.map((call) => [call.id, call])),
    members: new Map(
      snapshot.members.map((member) => [
        memberKey(member.pbx, member.queue, member.interface),
        member,
      ]),
    ),
    ended: (previous?.ended ?? []).filter((call) => !alive.has(call.id)),
    today: snapshot.today,
    system: snapshot.system,
    overflow: snapshot.overflow,
    decisions: snapshot.decisions.toReversed(),
    commands: new Map(snapshot.commands.map((command) => [command.decision, command])),
    alerts: new Map(snapshot.alerts.map((alert) => [alert.id, alert])),
    trends: trendsOf(snapshot.trend),
    scope: snapshot.scope,
  };
}

function applyDelta(state: LiveState | null, delta: Delta): Reduced {
  if (state === null || delta.seq > state.seq + 1) return { state, needsResync: true };
  if (delta.seq <= state.seq) return { state, needsResync: false };
  const draft = new Draft(state);
  for (const change of delta.changes) draft.apply(change);
  return { state: draft.finish(delta), needsResync: false };
}

/** Copies a map only when it changes, so that untouched parts keep their identity for React. */
class Draft {
  readonly #base: LiveState;
  #next: LiveState;

  constructor(state: LiveState) {
    this.#base = state;
    this.#next = state;
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'call':
        this.#call(change.call);
        break;
      case 'call_gone':
        this.#remove('calls', change.id);
        break;
      case 'queue':
        this.#put('queues', queueKey(change.queue.pbx, change.queue.name), change.queue);
        break;
      case 'member': {
        const { pbx, queue, interface: iface } = change.member;
        this.#put('members', memberKey(pbx, queue, iface), change.member);
        break;
      }
      case 'member_gone':
        this.#remove('members', memberKey(change.pbx, change.queue, change.interface));
        break;
      case 'pbx':
        this.#put('pbxs', change.pbx.name, change.pbx);
        break;
      case 'today':
        this.#today(change.today, change.as_of);
        break;
      case 'system':
        this.#next = { ...this.#next, system: change.system };
        break;
      case 'overflow':
        this.#next = { ...this.#next, overflow: change.overflow };
        break;
      case 'decision':
        this.#decision(change.decision);
        break;
      case 'command':
        if (this.#next.decisions.some((decision) => decision.id === change.command.decision)) {
          this.#put('commands', change.command.decision, change.command);
        }
        break;
      case 'alert':
        this.#put('alerts', change.alert.id, change.alert);
        break;
      case 'alert_gone':
        this.#remove('alerts', change.id);
        break;
      case 'trend':
        this.#next = { ...this.#next, trends: withPoints(this.#next.trends, change.points) };
        break;
      default:
        // An unknown kind from a newer server: the rest of the delta still counts.
        break;
    }
  }

  finish(delta: Delta): LiveState {
    return { ...this.#next, seq: delta.seq, serverTime: delta.server_time };
  }

  /** A call with an end is its final record, or a later correction of it. */
  #call(call: Call): void {
    if (call.ended_at === null) {
      this.#put('calls', call.id, call);
      return;
    }
    this.#remove('calls', call.id);
    this.#next = { ...this.#next, ended: withEnded(this.#next.ended, [call]) };
  }

  #today(today: CommitmentFigures, asOf: string | null): void {
    const scope = { ...this.#next.scope, today_as_of: asOf };
    this.#next = { ...this.#next, today, scope };
  }

  #decision(decision: Decision): void {
    const decisions = [decision, ...this.#next.decisions];
    for (const old of decisions.slice(DECISIONS_KEPT)) this.#remove('commands', old.id);
    this.#next = { ...this.#next, decisions: decisions.slice(0, DECISIONS_KEPT) };
  }

  #put<K extends MapKey>(key: K, id: string, value: MapValue<K>): void {
    this.#writable(key).set(id, value);
  }

  #remove(key: MapKey, id: string): void {
    if (this.#next[key].has(id)) this.#writable(key).delete(id);
  }

  #writable<K extends MapKey>(key: K): Map<string, MapValue<K>> {
    const current = this.#next[key] as ReadonlyMap<string, MapValue<K>>;
    if (this.#next[key] !== this.#base[key]) return current as Map<string, MapValue<K>>;
    const copy = new Map(current);
    this.#next = { ...this.#next, [key]: copy };
    return copy;
  }
}

type MapKey = 'calls' | 'queues' | 'members' | 'pbxs' | 'commands' | 'alerts';
type MapValue<K extends MapKey> = LiveState[K] extends ReadonlyMap<string, infer V> ? V : never;

/** Puts ended calls into the strip: each once, newest end first, no more than are kept. */
export function withEnded(ended: readonly Call[], more: readonly Call[]): readonly Call[] {
  const byId = new Map([...ended, ...more].map((call) => [call.id, call]));
  return [...byId.values()]
    .filter((call) => call.ended_at !== null)
    .sort((a, b) => Date.parse(b.ended_at ?? '') - Date.parse(a.ended_at ?? ''))
    .slice(0, ENDED_KEPT);
}
