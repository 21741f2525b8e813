/** Shapes for tests: complete, with the few fields that matter to be set. */
import type {
  Alert,
  Call,
  Command,
  Decision,
  Delta,
  LiveMember,
  LivePbx,
  LiveQueue,
  Snapshot,
  TrendPoint,
  Visit,
} from '../api/types';

export const T0 = Date.parse('2026-11-21T09:41:00.000Z');

/** A moment so many seconds after the start. */
export const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

export const call = (id: string, more: Partial<Call> = {}): Call => ({
  id: `lab:${id}`,
  pbx: 'lab',
  uniqueid: id,
  linkedid: id,
  caller: '0612345678',
  caller_name: '',
  arrived_at: at(0),
  ended_at: null,
  handled_at: null,
  handled_by: null,
  agent: '',
  wait_s: null,
  within_s: 60,
  clock_started_at: at(0),
  deadline_at: at(60),
  at_risk_at: at(45),
  verdict: 'pending',
  verdict_at: null,
  reason: '',
  short_abandon: false,
  observed: 'full',
  policy_version: 1,
  visits: [],
  voice_server_stays: [],
  ...more,
});

export const visit = (queue: string, joined: number, more: Partial<Visit> = {}): Visit => ({
  queue,
  joined_at: at(joined),
  left_at: null,
  exit: null,
  agent: '',
  wait_s: null,
  talk_s: null,
  within_s: 60,
  position: 1,
  offers: 0,
  missed: 0,
  answered_at: null,
  ...more,
});

export const queue = (name: string, more: Partial<LiveQueue> = {}): LiveQueue => ({
  pbx: 'lab',
  name,
  label: name,
  within_s: 60,
  at_risk_after_s: 45,
  target: null,
  service_level: 'abandoned_within_count_for',
  waiting: 0,
  longest_wait_since: null,
  today: {
    offered: 0,
    answered: 0,
    answered_within: 0,
    abandoned: 0,
    abandoned_within: 0,
    abandoned_short: 0,
    left_otherwise: 0,
    unknown: 0,
    asa_s: null,
    longest_wait_s: 0,
    average_talk_s: null,
    service_levels: [],
  },
  ...more,
});

export const member = (
  iface: string,
  inQueue: string,
  more: Partial<LiveMember> = {},
): LiveMember => ({
  pbx: 'lab',
  queue: inQueue,
  interface: iface,
  name: iface,
  state: 'available',
  since: at(0),
  pause_reason: '',
  penalty: 0,
  calls_taken: 0,
  missed: 0,
  missed_today: 0,
  answered_today: 0,
  ringing_for: '',
  call_id: '',
  ...more,
});

export const pbx = (state: LivePbx['state'], since = 0): LivePbx => ({
  name: 'lab',
  state,
  since: at(since),
  detail: '',
  blind_since: null,
  clock_offset_s: 0,
  warnings: {},
});

export const decision = (id: string): Decision => ({
  id,
  at: at(0),
  pbx: 'lab',
  queue: 'support',
  call_id: 'lab:1',
  caller: '0612345678',
  asked_by: 'monitor',
  verb: 'move',
  rule: 'support-to-backup',
  rule_version: 1,
  to: { context: 'overflow', exten: 's', priority: 1, queue: 'backup' },
  dry_run: false,
  held_back: false,
  by: '',
  reason: '',
  reasons: [],
  expected_wait_s: null,
  miss_probability: null,
});

export const command = (decisionId: string, more: Partial<Command> = {}): Command => ({
  id: `${decisionId}-1`,
  decision: decisionId,
  pbx: 'lab',
  queue: 'support',
  call_id: 'lab:1',
  rule: 'support-to-backup',
  kind: 'withdraw_caller',
  order: {},
  issued_at: at(0),
  answered_at: null,
  accepted: null,
  answer: '',
  outcome: 'pending',
  observed_at: null,
  ...more,
});

export const alert = (id: string, more: Partial<Alert> = {}): Alert => ({
  id,
  kind: 'caller_breached',
  pbx: 'lab',
  queue: 'support',
  call_id: 'lab:1',
  raised_at: at(0),
  ended_at: null,
  acknowledged_by: '',
  acknowledged_at: null,
  params: { caller: '0612345678', within_ms: 60_000 },
  ...more,
});

/** A minute of a queue's trend, so many minutes after the start. */
export const point = (minute: number, more: Partial<TrendPoint> = {}): TrendPoint => ({
  pbx: 'lab',
  queue: 'support',
  minute: at(minute * 60),
  offered: 0,
  answered: 0,
  answered_within: 0,
  abandoned: 0,
  abandoned_within: 0,
  breached: 0,
  waiting_max: 0,
  ...more,
});

export const snapshot = (seq: number, more: Partial<Snapshot> = {}): Snapshot => ({
  type: 'snapshot',
  seq,
  server_time: at(0),
  pbxs: [pbx('connected')],
  queues: [queue('support')],
  calls: [],
  members: [],
  today: {
    calls: 0,
    pending: 0,
    met: 0,
    breached: 0,
    abandoned: 0,
    refused: 0,
    excluded: 0,
    unknown: 0,
    short_abandons: 0,
    rate: { name: 'rate', formula: '', numerator: 0, denominator: 0, ratio: null },
  },
  system: { history: 'ok', history_detail: '' },
  overflow: { switch: { on: true, by: '', at: null, note: '' }, forced: [], standing: [] },
  decisions: [],
  commands: [],
  alerts: [],
  trend: [],
  scope: { queues: null, sees_numbers: true, today_from: 'engine', today_as_of: null },
  ...more,
});

export const delta = (seq: number, ...changes: Delta['changes']): Delta => ({
  type: 'delta',
  seq,
  server_time: at(seq),
  changes,
});
