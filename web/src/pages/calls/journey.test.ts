import { describe, expect, it } from 'vitest';
import type { CallDetail, Fact, Visit } from '../../api/types';
import { at, call, T0, visit } from '../../live/samples';
import { AGENTS, FOCUS_SHARE, journeyOf, scaleOf, ticksOf } from './journey';

const detail = (more: Partial<CallDetail> = {}): CallDetail => ({
  ...call('lab:1', {
    arrived_at: at(0),
    clock_started_at: at(0),
    at_risk_at: at(45),
    deadline_at: at(60),
  }),
  timeline: [],
  diagnosis: [],
  blind_intervals: [],
  previous_call: null,
  next_call: null,
  satisfaction: null,
  ...more,
});

const fact = (second: number, kind: string, more: Fact['detail'] = {}): Fact => ({
  at: at(second),
  kind,
  detail: more,
});

const answered = (joined: number, after: number, talk: number): Visit =>
  visit('support', joined, {
    exit: 'answered',
    agent: 'Alice',
    left_at: at(after),
    answered_at: at(after),
    talk_s: talk,
  });

const ended = (second: number, more: Partial<CallDetail> = {}): CallDetail =>
  detail({ verdict: 'met', ended_at: at(second), ...more });

const NOW = T0 + 3_600_000;
const second = (moment: number) => (moment - T0) / 1_000;

describe('the lanes', () => {
  it('show voice server, queue, rings and talk, in that order', () => {
    const journey = journeyOf(
      ended(200, {
        voice_server_stays: [{ name: 'welcome', entered_at: at(1), left_at: at(6), inputs: '1' }],
        visits: [answered(7, 40, 150)],
        handled_at: at(40),
        handled_by: 'agent',
        timeline: [
          fact(8, 'agent_offered', { agent: 'Bob' }),
          fact(23, 'agent_missed', { agent: 'Bob' }),
          fact(25, 'agent_offered', { agent: 'Alice' }),
          fact(40, 'agent_connected', { agent: 'Alice' }),
          fact(60, 'held'),
          fact(80, 'resumed'),
          fact(200, 'ended'),
        ],
      }),
      NOW,
    );
    expect(
      journey.lanes.map(({ kind, name, spans }) => [
        kind,
        name,
        spans.map((span) => [span.kind, second(span.from), second(span.to)]),
      ]),
    ).toEqual([
      ['dialplan', '', [['dialplan', 190, 200]]],
      ['voice', '', [['voice', 1, 6]]],
      ['queue', '', [['queue', 7, 40]]],
      ['agent', 'Bob', [['missed', 8, 23]]],
      ['agent', 'Alice', [['ring', 25, 40]]],
      [
        'talk',
        '',
        [
          ['talk', 40, 190],
          ['hold', 60, 80],
        ],
      ],
    ]);
    expect(journey.marks.map(({ kind }) => kind)).toEqual(['arrived', 'handled', 'ended']);
  });

  it('keep many agents in few lanes', () => {
    const timeline = Array.from({ length: 9 }, (_, n) =>
      fact(n + 1, 'agent_offered', { agent: `Agent ${n}` }),
    );
    const { lanes } = journeyOf(ended(30, { timeline, visits: [visit('support', 0)] }), NOW);
    const agents = lanes.filter(({ kind }) => kind === 'agent');
    expect(agents).toHaveLength(AGENTS);
    expect(agents.at(-1)).toMatchObject({ name: '' });
    expect(agents.at(-1)?.spans).toHaveLength(9 - AGENTS + 1);
  });

  it('reach to now while the call is live', () => {
    const journey = journeyOf(detail({ visits: [visit('support', 2)] }), T0 + 31_000);
    expect(journey.lanes[0]?.spans[0]).toMatchObject({ open: true, to: T0 + 31_000 });
  });

  it('show a talk without a queue', () => {
    const journey = journeyOf(
      ended(90, { handled_by: 'agent', handled_at: at(12), agent: 'Alice' }),
      NOW,
    );
    expect(journey.lanes.map(({ kind }) => kind)).toEqual(['dialplan', 'talk']);
  });

  it('say where the caller was between the queue and the end', () => {
    const { lanes } = journeyOf(
      ended(80, { visits: [visit('support', 2, { left_at: at(47), exit: 'key' })] }),
      NOW,
    );
    expect(lanes[0]).toMatchObject({
      kind: 'dialplan',
      spans: [{ from: T0 + 47_000, to: T0 + 80_000 }],
    });
  });

  it('do not guess where the caller was whose end was not seen', () => {
    const { lanes } = journeyOf(
      detail({
        verdict: 'unknown',
        visits: [visit('support', 2, { left_at: at(47), exit: 'key' })],
        timeline: [fact(80, 'blind_from')],
      }),
      NOW,
    );
    expect(lanes.map(({ kind }) => kind)).toEqual(['queue']);
  });

  it('cut blind intervals to the call', () => {
    const gap = { pbx: 'lab', started_at: at(-60), ended_at: at(20), cause: '' };
    expect(journeyOf(ended(90, { blind_intervals: [gap] }), NOW).blind).toEqual([
      { from: T0, to: T0 + 20_000 },
    ]);
  });
});

describe('the scale', () => {
  const twentySeconds = journeyOf(
    ended(20, { visits: [visit('support', 2, { left_at: at(20) })] }),
    NOW,
  );
  const twentyMinutes = journeyOf(
    ended(1_200, { visits: [answered(2, 30, 1_170)], handled_at: at(30), handled_by: 'agent' }),
    NOW,
  );

  it('is one for a short call, which a far deadline does not squeeze', () => {
    const scale = scaleOf(twentySeconds, 1_000);
    expect(scale.breakAt).toBeNull();
    expect(scale.x(T0)).toBe(0);
    expect(scale.x(T0 + 20_000)).toBeGreaterThan(900);
  });

  it('gives the wait most of the room where a long talk follows', () => {
    const scale = scaleOf(twentyMinutes, 1_000);
    expect(scale.breakAt).not.toBeNull();
    expect(scale.x(T0 + 60_000)).toBeGreaterThan(600);
    expect(scale.x(T0 + 60_000)).toBeLessThan(1_000 * FOCUS_SHARE);
    expect(scale.x(T0 + 1_200_000)).toBeGreaterThan(950);
  });

  it('never runs backwards and never leaves the axis', () => {
    for (const journey of [twentySeconds, twentyMinutes]) {
      const scale = scaleOf(journey, 640);
      let before = 0;
      for (let at = journey.from - 5_000; at < journey.to + 5_000; at += 500) {
        const x = scale.x(at);
        expect(x).toBeGreaterThanOrEqual(before);
        expect(x).toBeLessThanOrEqual(640);
        before = x;
      }
    }
  });
});

describe('the ticks', () => {
  it('are round, count from the clock’s start and do not touch', () => {
    for (const [length, width] of [
      [20, 320],
      [20, 1_200],
      [75, 700],
      [1_200, 320],
      [1_200, 1_200],
    ] as const) {
      const journey = journeyOf(ended(length, { visits: [answered(2, 15, length - 15)] }), NOW);
      const scale = scaleOf(journey, width);
      const ticks = ticksOf(journey, scale);
      const places = ticks.map(scale.x);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.every((tick) => (tick - journey.zero) % 1_000 === 0)).toBe(true);
      for (let n = 1; n < places.length; n++) {
        expect((places[n] ?? 0) - (places[n - 1] ?? 0)).toBeGreaterThanOrEqual(60);
      }
    }
  });
});
