import { describe, expect, it } from 'vitest';
import type { Call } from '../api/types';
import { byState, groupAgents } from './agents';
import { deriveBoard, tally } from './board';
import { minuteOf, stateAt } from './caller';
import { placeInColumns } from './columns';
import { nextOrder, type Ranked, RESORT_MS, severityOf } from './order';
import { type LiveState, reduce } from './reducer';
import { at, call, member, queue, snapshot, T0, visit } from './samples';

const stay = { name: 'welcome', entered_at: at(1), left_at: null, inputs: '' };

function stateOf(...calls: Call[]): LiveState {
  const { state } = reduce(null, snapshot(1, { calls, queues: [queue('support')] }));
  if (state === null) throw new Error('no state');
  return state;
}

describe('the board', () => {
  it('puts each caller where they are', () => {
    const board = deriveBoard(
      stateOf(
        call('later', { visits: [visit('support', 9)] }),
        call('first', { visits: [visit('support', 2)] }),
        call('ringing'),
        call('ivr', { voice_server_stays: [stay] }),
        call('direct', { handled_by: 'agent', verdict: 'met' }),
        call('talking', {
          handled_by: 'voice_server',
          verdict: 'met',
          visits: [visit('support', 1, { exit: 'answered', left_at: at(5), answered_at: at(6) })],
        }),
      ),
    );
    expect(board.queues[0]?.callers.map(({ uniqueid }) => uniqueid)).toEqual(['first', 'later']);
    expect(board.arriving.map(({ uniqueid }) => uniqueid)).toEqual(['ringing']);
    expect(board.inVoiceServer.map(({ uniqueid }) => uniqueid)).toEqual(['ivr']);
  });

  it('keeps a caller in the queue while an announcement plays to the agent', () => {
    const leaving = call('1', { visits: [visit('support', 2, { left_at: at(30) })] });
    expect(deriveBoard(stateOf(leaving)).queues[0]?.callers).toHaveLength(1);
  });

  it('shows a caller of a queue that is not known yet', () => {
    const board = deriveBoard(stateOf(call('1', { visits: [visit('new', 2)] })));
    expect(board.arriving).toHaveLength(1);
  });

  it('counts by how the callers stand', () => {
    const calls = [
      call('1'),
      call('2', { verdict: 'breached' }),
      call('3', { at_risk_at: at(10) }),
    ];
    expect(tally(calls, () => T0 + 20_000)).toEqual({ waiting: 3, risk: 1, breached: 1 });
  });
});

describe('a caller’s minute', () => {
  const waiting = call('1', { visits: [visit('support', 5)] });

  it('runs from the arrival to the deadline', () => {
    const minute = minuteOf(waiting);
    expect(minute).toMatchObject({ basis: 'commitment', startMs: T0, dueMs: T0 + 60_000 });
    expect(stateAt(minute, T0 + 44_999)).toBe('calm');
    expect(stateAt(minute, T0 + 45_000)).toBe('risk');
  });

  it('is breached only when the server says so', () => {
    expect(stateAt(minuteOf(waiting), T0 + 61_000)).toBe('risk');
    expect(stateAt(minuteOf({ ...waiting, verdict: 'breached' }), T0)).toBe('breached');
  });

  it('starts later where the clock does', () => {
    const late = call('1', { clock_started_at: at(30), deadline_at: at(90) });
    expect(minuteOf(late).startMs).toBe(T0 + 30_000);
  });

  it('is the visit’s own once a voice server has met the commitment', () => {
    const met = call('1', {
      verdict: 'met',
      handled_by: 'voice_server',
      visits: [visit('support', 30, { within_s: 20 })],
    });
    const minute = minuteOf(met);
    expect(minute).toMatchObject({ basis: 'visit', mark: 'voice_server', dueMs: T0 + 50_000 });
    expect(stateAt(minute, T0 + 51_000)).toBe('over');
  });

  it('has no deadline while it is not known whether the call counts', () => {
    const undecided = call('1', { reason: 'calendar_unknown' });
    expect(stateAt(minuteOf(undecided), T0 + 61_000)).toBe('untimed');
  });

  it('has no deadline before its clock started', () => {
    const early = call('1', { deadline_at: null, at_risk_at: null });
    expect(stateAt(minuteOf(early), T0)).toBe('untimed');
  });
});

describe('the order of queues', () => {
  const ranked = (key: string, severity: Ranked['severity'], weight = 0): Ranked => ({
    key,
    label: key,
    severity,
    weight,
  });

  it('is worst first', () => {
    const order = nextOrder(null, [ranked('a', 0), ranked('b', 3, 1), ranked('c', 3, 2)], 0);
    expect(order.keys).toEqual(['c', 'b', 'a']);
  });

  it('moves a queue up at once when a caller of it is breached', () => {
    const before = nextOrder(null, [ranked('a', 1), ranked('b', 1)], 0);
    expect(nextOrder(before, [ranked('a', 1), ranked('b', 3)], 1_000).keys).toEqual(['b', 'a']);
  });

  it('lets everything else wait for the next sorting', () => {
    const before = nextOrder(null, [ranked('a', 2, 1), ranked('b', 1)], 0);
    const now = [ranked('a', 0), ranked('b', 2, 1)];
    expect(nextOrder(before, now, RESORT_MS - 1)).toBe(before);
    expect(nextOrder(before, now, RESORT_MS).keys).toEqual(['b', 'a']);
  });

  it('stands still under the pointer', () => {
    const before = nextOrder(null, [ranked('a', 1), ranked('b', 1)], 0);
    expect(nextOrder(before, [ranked('a', 1), ranked('b', 3)], 60_000, true)).toBe(before);
  });

  it('takes new queues in at once, and keeps equals where they were', () => {
    const before = nextOrder(null, [ranked('b', 1), ranked('c', 1)], 0);
    const after = nextOrder(before, [ranked('a', 1), ranked('b', 1), ranked('c', 1)], 1, true);
    expect(after.keys).toEqual(['b', 'c', 'a']);
  });

  it('knows how bad a queue is', () => {
    expect([
      severityOf(0, 0, 0),
      severityOf(2, 0, 0),
      severityOf(2, 1, 0),
      severityOf(2, 1, 1),
    ]).toEqual([0, 1, 2, 3]);
  });
});

it('shares cards out to the shortest column', () => {
  const heights: Record<string, number> = { a: 10, b: 2, c: 3, d: 1 };
  const places = placeInColumns(
    Object.keys(heights),
    (key) => key,
    (key) => heights[key] ?? 0,
    2,
  );
  expect([...places]).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 2],
    ['d', 2],
  ]);
});

describe('agents', () => {
  it('are shown once, by what they do', () => {
    const agents = groupAgents([
      member('SIP/1', 'support', { state: 'talking', since: at(10), call_id: 'lab:1' }),
      member('SIP/1', 'sales', { state: 'busy', since: at(11) }),
      member('SIP/2', 'sales', { state: 'paused', since: at(1) }),
      member('SIP/2', 'support', { state: 'available', since: at(5), missed_today: 2 }),
    ]);
    expect(agents).toHaveLength(2);
    expect(agents[0]).toMatchObject({ state: 'talking', queue: 'support', since: at(10) });
    expect(agents[1]).toMatchObject({ state: 'available', pausedIn: ['sales'], missed: 2 });
  });

  it('of the same interface on two PBXs are two', () => {
    const other = member('SIP/1', 'support', { pbx: 'other' });
    expect(groupAgents([member('SIP/1', 'support'), other])).toHaveLength(2);
  });

  it('are grouped in a fixed order, empty states left out', () => {
    const agents = groupAgents([
      member('SIP/1', 'q', { state: 'paused' }),
      member('SIP/2', 'q', { state: 'talking' }),
    ]);
    expect(byState(agents).map(([state]) => state)).toEqual(['talking', 'paused']);
  });
});
