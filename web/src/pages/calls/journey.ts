/** A call's way as spans and marks on a time axis; pure. All moments are ms since 1970. */
import type { CallDetail, Fact } from '../../api/types';

export type LaneKind = 'voice' | 'queue' | 'agent' | 'talk' | 'dialplan';
export type SpanKind = 'voice' | 'queue' | 'ring' | 'missed' | 'talk' | 'hold' | 'dialplan';

export interface Span {
  readonly kind: SpanKind;
  readonly from: number;
  readonly to: number;
  /** The name of the voice server, queue or agent. */
  readonly name: string;
  /** It has no end yet, or its end is not known. */
  readonly open: boolean;
}

export interface Lane {
  readonly kind: LaneKind;
  /** Of an agent's lane: who. */
  readonly name: string;
  readonly spans: readonly Span[];
}

export type MarkKind = 'arrived' | 'clock' | 'handled' | 'ended' | 'transferred';

export interface Mark {
  readonly kind: MarkKind;
  readonly at: number;
}

export interface Blind {
  readonly from: number;
  readonly to: number;
}

export interface Journey {
  /** Offsets are told from here: the clock's start, or the arrival where it never started. */
  readonly zero: number;
  readonly from: number;
  readonly to: number;
  /** Until here things are decided: drawn wide, whatever the length of the talk after it. */
  readonly focus: number;
  readonly atRisk: number | null;
  readonly deadline: number | null;
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly blind: readonly Blind[];
}

/** With more agents than this the rest is drawn in one lane. */
export const AGENTS = 4;
/** What is drawn behind the last moment, in parts of the whole. */
const MARGIN = 0.03;
/** A talk that is longer than the wait by so much is drawn in a smaller scale. */
const LONG_REST = 1.2;
/** The share of the width for the time until the focus, where the rest is in a smaller scale. */
export const FOCUS_SHARE = 0.72;

const ms = (text: string): number => Date.parse(text);
const msOr = (text: string | null, other: number): number => (text === null ? other : ms(text));

export function journeyOf(call: CallDetail, now: number): Journey {
  const arrived = ms(call.arrived_at);
  const zero = msOr(call.clock_started_at, arrived);
  const deadline = call.deadline_at === null ? null : ms(call.deadline_at);
  const live = call.ended_at === null && call.verdict === 'pending';
  const known = [
    ...call.timeline.map((fact) => ms(fact.at)),
    ...(call.ended_at === null ? [] : [ms(call.ended_at)]),
    ...(live ? [now] : []),
  ];
  const end = Math.max(arrived + 1_000, ...known);
  const decided = Math.max(
    msOr(call.handled_at, call.ended_at === null ? end : ms(call.ended_at)),
    ...call.visits.map((visit) => msOr(visit.answered_at ?? visit.left_at, end)),
  );
  // A deadline that lies far behind the end of a short call must not squeeze the call.
  const near = deadline !== null && deadline - arrived <= (end - arrived) * 2.5;
  const focus = Math.min(
    Math.max(end, near ? (deadline ?? 0) : 0),
    Math.max(decided, near ? (deadline ?? 0) : 0, arrived + 1_000),
  );
  const to = Math.max(end, focus);
  return {
    zero,
    from: Math.min(arrived, zero),
    to: to + (to - arrived) * MARGIN,
    focus: Math.min(to, focus + (focus - arrived) * MARGIN * 2),
    atRisk: call.at_risk_at === null ? null : ms(call.at_risk_at),
    deadline,
    lanes: withDialplan(
      [
        ...voiceLane(call, end),
        ...queueLane(call, end),
        ...agentLanes(call, end),
        ...talkLane(call, end),
      ],
      arrived,
      live || call.ended_at !== null ? end : arrived,
    ),
    marks: marksOf(call),
    blind: call.blind_intervals.map((gap) => ({
      from: Math.max(ms(gap.started_at), arrived),
      to: Math.min(msOr(gap.ended_at, end), to),
    })),
  };
}

function voiceLane(call: CallDetail, end: number): Lane[] {
  const spans = call.voice_server_stays.map(
    (stay): Span => ({
      kind: 'voice',
      from: ms(stay.entered_at),
      to: msOr(stay.left_at, end),
      name: stay.name,
      open: stay.left_at === null,
    }),
  );
  return spans.length === 0 ? [] : [{ kind: 'voice', name: '', spans }];
}

function queueLane(call: CallDetail, end: number): Lane[] {
  const spans = call.visits.map(
    (visit): Span => ({
      kind: 'queue',
      from: ms(visit.joined_at),
      to: msOr(visit.answered_at ?? visit.left_at, end),
      name: visit.queue,
      open: visit.left_at === null && visit.answered_at === null,
    }),
  );
  return spans.length === 0 ? [] : [{ kind: 'queue', name: '', spans }];
}

/** A shorter stay between two places is how the PBX works, and would only be a speck. */
const SHORTEST_BETWEEN = 5_000;

/** With what is in no place: from the arrival to the end the caller is somewhere in the dialplan. */
function withDialplan(lanes: readonly Lane[], arrived: number, end: number): Lane[] {
  const places = lanes
    .filter(({ kind }) => kind !== 'agent')
    .flatMap(({ spans }) => spans)
    .sort((a, b) => a.from - b.from);
  const between: Span[] = [];
  let seen = arrived;
  for (const { from, to } of [...places, { from: end, to: end }]) {
    if (from - seen >= SHORTEST_BETWEEN) {
      between.push({ kind: 'dialplan', from: seen, to: from, name: '', open: false });
    }
    seen = Math.max(seen, to);
  }
  if (between.length === 0) return [...lanes];
  return [{ kind: 'dialplan', name: '', spans: between }, ...lanes];
}

const agentOf = (fact: Fact): string => String(fact.detail.agent ?? '');

/** Which facts end the ringing that an offer began. */
const ENDS = new Set([
  'agent_missed',
  'agent_picked_up',
  'agent_connected',
  'queue_left',
  'queue_exit',
  'ended',
]);

function rings(call: CallDetail, end: number): Span[] {
  const facts = call.timeline;
  return facts.flatMap((fact, index): Span[] => {
    if (fact.kind !== 'agent_offered') return [];
    const agent = agentOf(fact);
    const stop = facts.slice(index + 1).find((later) => {
      if (!ENDS.has(later.kind)) return false;
      return agentOf(later) === agent || later.detail.agent === undefined;
    });
    return [
      {
        kind: stop?.kind === 'agent_missed' ? 'missed' : 'ring',
        from: ms(fact.at),
        to: stop === undefined ? end : ms(stop.at),
        name: agent,
        open: stop === undefined,
      },
    ];
  });
}

/** A lane for each agent who was rung, in that order; the last of many share one. */
function agentLanes(call: CallDetail, end: number): Lane[] {
  const spans = rings(call, end);
  const names = [...new Set(spans.map(({ name }) => name))];
  const alone = names.length > AGENTS ? names.slice(0, AGENTS - 1) : names;
  const rest = names.filter((name) => !alone.includes(name));
  const lanes = alone.map(
    (name): Lane => ({
      kind: 'agent',
      name,
      spans: spans.filter((span) => span.name === name),
    }),
  );
  if (rest.length > 0) {
    lanes.push({ kind: 'agent', name: '', spans: spans.filter(({ name }) => rest.includes(name)) });
  }
  return lanes;
}

function talkLane(call: CallDetail, end: number): Lane[] {
  const talks = call.visits.flatMap((visit): Span[] => {
    if (visit.answered_at === null) return [];
    const from = ms(visit.answered_at);
    const to = visit.talk_s === null ? end : from + visit.talk_s * 1_000;
    return [{ kind: 'talk', from, to, name: visit.agent, open: visit.talk_s === null }];
  });
  if (talks.length === 0 && call.handled_by === 'agent' && call.handled_at !== null) {
    // Without a queue: from the bridge to the end.
    const open = call.ended_at === null;
    talks.push({ kind: 'talk', from: ms(call.handled_at), to: end, name: call.agent, open });
  }
  const spans = [...talks, ...holds(call.timeline, end)];
  return spans.length === 0 ? [] : [{ kind: 'talk', name: '', spans }];
}

function holds(facts: readonly Fact[], end: number): Span[] {
  return facts.flatMap((fact, index): Span[] => {
    if (fact.kind !== 'held') return [];
    const back = facts.slice(index + 1).find(({ kind }) => kind === 'resumed' || kind === 'ended');
    const to = back === undefined ? end : ms(back.at);
    return [{ kind: 'hold', from: ms(fact.at), to, name: '', open: back === undefined }];
  });
}

function marksOf(call: CallDetail): Mark[] {
  const marks: Mark[] = [{ kind: 'arrived', at: ms(call.arrived_at) }];
  if (call.clock_started_at !== null && call.clock_started_at !== call.arrived_at) {
    marks.push({ kind: 'clock', at: ms(call.clock_started_at) });
  }
  for (const fact of call.timeline) {
    if (fact.kind === 'transferred') marks.push({ kind: 'transferred', at: ms(fact.at) });
  }
  if (call.handled_at !== null) marks.push({ kind: 'handled', at: ms(call.handled_at) });
  if (call.ended_at !== null) marks.push({ kind: 'ended', at: ms(call.ended_at) });
  return marks;
}

export interface Scale {
  readonly width: number;
  /** Where a moment lies, in pixels; outside of the axis at its ends. */
  readonly x: (at: number) => number;
  /** Where the scale changes; null: it does not. */
  readonly breakAt: number | null;
}

/** One scale for all, or a wide one until the focus and a narrow one for a long rest. */
export function scaleOf(journey: Journey, width: number): Scale {
  const { from, to, focus } = journey;
  const rest = to - focus;
  const clamp = (at: number) => Math.min(Math.max(at, from), to);
  if (rest <= (focus - from) * LONG_REST) {
    return { width, breakAt: null, x: (at) => ((clamp(at) - from) / (to - from)) * width };
  }
  const bend = width * FOCUS_SHARE;
  return {
    width,
    breakAt: focus,
    x: (at) => {
      const moment = clamp(at);
      return moment <= focus
        ? ((moment - from) / (focus - from)) * bend
        : bend + ((moment - focus) / rest) * (width - bend);
    },
  };
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200].map((s) => s * 1_000);

/** The moments to write below the axis: round distances from zero, at least `apart` px apart. */
export function ticksOf(journey: Journey, scale: Scale, apart = 64): readonly number[] {
  const { from, to, zero } = journey;
  const within = (a: number, b: number): number[] => {
    const step = STEPS.find((one) => scale.x(a + one) - scale.x(a) >= apart);
    if (step === undefined) return [];
    const first = Math.ceil((a - zero) / step);
    const last = Math.floor((b - zero) / step);
    return Array.from(
      { length: Math.max(0, last - first + 1) },
      (_, n) => zero + (first + n) * step,
    );
  };
  if (scale.breakAt === null) return within(from, to);
  const near = within(from, scale.breakAt);
  const bend = scale.x(scale.breakAt);
  const far = within(scale.breakAt, to).filter((at) => scale.x(at) - bend >= apart / 2);
  return [...near.filter((at) => bend - scale.x(at) >= apart / 2), ...far];
}
