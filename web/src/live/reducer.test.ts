import { describe, expect, it } from 'vitest';
import type { Change, LiveMessage } from '../api/types';
import { DECISIONS_KEPT, ENDED_KEPT, type LiveState, reduce } from './reducer';
import {
  alert,
  at,
  call,
  command,
  decision,
  delta,
  member,
  pbx,
  point,
  queue,
  snapshot,
} from './samples';

function play(...messages: LiveMessage[]): LiveState {
  let state: LiveState | null = null;
  for (const message of messages) state = reduce(state, message).state;
  if (state === null) throw new Error('no snapshot was played');
  return state;
}

const heartbeat = (seq: number): LiveMessage => ({
  type: 'heartbeat',
  seq,
  server_time: at(seq),
});

describe('a snapshot', () => {
  it('starts the state', () => {
    const state = play(snapshot(7, { calls: [call('1')], members: [member('SIP/1', 'support')] }));
    expect(state.seq).toBe(7);
    expect([...state.calls.keys()]).toEqual(['lab:1']);
    expect([...state.queues.keys()]).toEqual(['lab/support']);
    expect([...state.members.keys()]).toEqual(['lab/support/SIP/1']);
  });

  it('replaces everything, also when its number is lower: the server was restarted', () => {
    const state = play(snapshot(90, { calls: [call('1')] }), snapshot(2));
    expect(state.seq).toBe(2);
    expect(state.calls.size).toBe(0);
  });

  it('keeps the strip of ended calls, but for one that lives again', () => {
    const ended = call('1', { ended_at: at(20), verdict: 'met' });
    const other = call('2', { ended_at: at(21), verdict: 'met' });
    const state = play(
      snapshot(1),
      delta(2, { kind: 'call', call: ended }, { kind: 'call', call: other }),
      snapshot(3, { calls: [call('1')] }),
    );
    expect(state.ended.map(({ id }) => id)).toEqual(['lab:2']);
  });
});

describe('deltas', () => {
  it('put, replace and remove each kind of thing', () => {
    const state = play(
      snapshot(1, { calls: [call('1'), call('2')], members: [member('SIP/1', 'support')] }),
      delta(
        2,
        { kind: 'call', call: call('1', { verdict: 'breached' }) },
        { kind: 'call_gone', id: 'lab:2' },
        { kind: 'queue', queue: queue('sales') },
        { kind: 'member_gone', pbx: 'lab', queue: 'support', interface: 'SIP/1' },
        { kind: 'member', member: member('SIP/2', 'sales') },
        { kind: 'system', system: { history: 'failing', history_detail: 'disk full' } },
        { kind: 'today', today: { ...snapshot(1).today, met: 3 }, as_of: at(1) },
        { kind: 'alert', alert: alert('a') },
        { kind: 'alert', alert: alert('b') },
        { kind: 'alert_gone', id: 'a' },
        { kind: 'trend', points: [point(1, { offered: 4 }), point(0)] },
      ),
    );
    expect(state.calls.get('lab:1')?.verdict).toBe('breached');
    expect([...state.calls.keys()]).toEqual(['lab:1']);
    expect([...state.queues.keys()]).toEqual(['lab/support', 'lab/sales']);
    expect([...state.members.keys()]).toEqual(['lab/sales/SIP/2']);
    expect(state.system.history).toBe('failing');
    expect(state.today.met).toBe(3);
    expect(state.scope.today_as_of).toBe(at(1));
    expect([...state.alerts.keys()]).toEqual(['b']);
    expect(state.trends.get('lab/support')?.map(({ offered }) => offered)).toEqual([0, 4]);
    expect(state.serverTime).toBe(at(2));
  });

  it('leave what they do not touch as it is, for React', () => {
    const before = play(snapshot(1, { calls: [call('1'), call('2')] }));
    const after = reduce(before, delta(2, { kind: 'call', call: call('2') })).state;
    expect(after?.queues).toBe(before.queues);
    expect(after?.members).toBe(before.members);
    expect(after?.calls.get('lab:1')).toBe(before.calls.get('lab:1'));
    expect(after?.calls).not.toBe(before.calls);
    expect(before.calls.size).toBe(2);
  });

  it('never change the state they are applied to', () => {
    const before = play(snapshot(1, { calls: [call('1')] }));
    reduce(before, delta(2, { kind: 'call_gone', id: 'lab:1' }, { kind: 'call', call: call('3') }));
    expect([...before.calls.keys()]).toEqual(['lab:1']);
  });

  it('ask for a snapshot after a gap and are not applied', () => {
    const before = play(snapshot(1));
    const { state, needsResync } = reduce(before, delta(3, { kind: 'call', call: call('1') }));
    expect(needsResync).toBe(true);
    expect(state).toBe(before);
  });

  it('are ignored when they come twice or late', () => {
    const before = play(snapshot(5));
    for (const seq of [5, 4]) {
      const { state, needsResync } = reduce(before, delta(seq, { kind: 'call', call: call('1') }));
      expect(needsResync).toBe(false);
      expect(state).toBe(before);
    }
  });

  it('ask for a snapshot when there is no state yet', () => {
    expect(reduce(null, delta(1))).toEqual({ state: null, needsResync: true });
  });

  it('pass over a kind that is newer than the page', () => {
    const unknown = { kind: 'overflow', rule: 3 } as unknown as Change;
    const state = play(snapshot(1), delta(2, unknown, { kind: 'call', call: call('1') }));
    expect(state.seq).toBe(2);
    expect(state.calls.size).toBe(1);
  });
});

describe('a heartbeat', () => {
  it('moves the time on', () => {
    expect(play(snapshot(4), heartbeat(4)).serverTime).toBe(at(4));
  });

  it('tells that a delta was lost', () => {
    expect(reduce(play(snapshot(4)), heartbeat(5)).needsResync).toBe(true);
  });
});

it('passes over a message of an unknown type', () => {
  const before = play(snapshot(4));
  const message = { type: 'hello', server_time: at(9) } as unknown as LiveMessage;
  expect(reduce(before, message)).toEqual({ state: before, needsResync: false });
});

describe('calls that end', () => {
  const ending = (id: string, seconds: number): Change => ({
    kind: 'call',
    call: call(id, { ended_at: at(seconds), verdict: 'met' }),
  });

  it('move to the strip, latest first', () => {
    const state = play(
      snapshot(1, { calls: [call('1'), call('2')] }),
      delta(2, ending('1', 10), { kind: 'call_gone', id: 'lab:1' }),
      delta(3, ending('2', 12), { kind: 'call_gone', id: 'lab:2' }),
    );
    expect(state.calls.size).toBe(0);
    expect(state.ended.map(({ uniqueid }) => uniqueid)).toEqual(['2', '1']);
  });

  it('may be corrected afterwards, without coming twice', () => {
    const corrected = call('1', { ended_at: at(10), verdict: 'breached' });
    const state = play(
      snapshot(1),
      delta(2, ending('1', 10)),
      delta(3, { kind: 'call', call: corrected }),
    );
    expect(state.ended).toEqual([corrected]);
    expect(state.calls.size).toBe(0);
  });

  it('are forgotten when there are many', () => {
    const many = Array.from({ length: 40 }, (_, index) => ending(String(index), index));
    const state = play(snapshot(1), delta(2, ...many));
    expect(state.ended).toHaveLength(ENDED_KEPT);
    expect(state.ended[0]?.uniqueid).toBe('39');
  });

  it('are not shown as ended when they were only forgotten', () => {
    const state = play(
      snapshot(1, { calls: [call('1')] }),
      delta(2, { kind: 'call_gone', id: 'lab:1' }),
    );
    expect(state.ended).toEqual([]);
  });
});

it('replaces the state of a PBX link', () => {
  const state = play(snapshot(1), delta(2, { kind: 'pbx', pbx: pbx('lost', 5) }));
  expect(state.pbxs.get('lab')?.state).toBe('lost');
});

describe('overflow', () => {
  const off = { on: false, by: 'zoe', at: at(1), note: 'Drill' };

  it('replaces the switch, what is forced and what lasts as a whole', () => {
    const overflow = { switch: off, forced: [{ rule: 'r', on: true, by: 'zoe' }], standing: [] };
    expect(play(snapshot(1), delta(2, { kind: 'overflow', overflow })).overflow).toBe(overflow);
  });

  it('keeps the last decisions, newest first, each with what was done about it', () => {
    const state = play(
      snapshot(1, { decisions: [decision('a'), decision('b')], commands: [command('a')] }),
      delta(2, { kind: 'decision', decision: decision('c') }),
      delta(3, { kind: 'command', command: command('c') }),
      delta(4, { kind: 'command', command: command('c', { outcome: 'moved' }) }),
    );
    expect(state.decisions.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect([...state.commands].map(([id, { outcome }]) => [id, outcome])).toEqual([
      ['a', 'pending'],
      ['c', 'moved'],
    ]);
  });

  it('forgets old decisions, and commands of which it shows no decision', () => {
    const many = Array.from(
      { length: DECISIONS_KEPT },
      (_, index): Change => ({
        kind: 'decision',
        decision: decision(String(index)),
      }),
    );
    const state = play(
      snapshot(1, { decisions: [decision('a')], commands: [command('a')] }),
      delta(2, { kind: 'command', command: command('other') }),
      delta(3, ...many),
    );
    expect(state.decisions).toHaveLength(DECISIONS_KEPT);
    expect(state.commands.size).toBe(0);
  });
});
