/** What the list of calls is narrowed to; it lives in the address, in the names of the API. */
import { type Call, type Exit, VERDICTS, type Verdict } from '../../api/types';
import { PRESETS, type Preset, presetRange } from '../history/range';

/** The ranges that the page offers; an address may hold any that the history page knows. */
export const QUICK = ['today', 'yesterday', '7d', 'month'] as const satisfies readonly Preset[];

export const EXITS: readonly Exit[] = [
  'answered',
  'abandoned',
  'timeout',
  'key',
  'join_empty',
  'leave_empty',
  'full',
  'withdrawn',
  'redirected',
  'continued',
  'unknown',
];
export const HANDLERS = ['agent', 'voice_server', 'nobody'] as const;
export type Handler = (typeof HANDLERS)[number];
export const OBSERVED = ['full', 'partial'] as const;
export const YES_NO = ['true', 'false'] as const;

export const REASONS = [
  'handled_by_agent',
  'handled_by_voice_server',
  'waiting_past_deadline',
  'handled_late',
  'abandoned_late',
  'refused_late',
  'caller_hung_up',
  'turned_away',
  'pbx_hung_up',
  'end_not_observed',
  'may_have_been_handled',
  'arrival_not_observed',
  'left_before_the_clock',
  'not_precise_enough',
  'calendar_unknown',
  'outside_opening_hours',
  'test_number',
  'internal_call',
] as const;
export type ReasonCode = (typeof REASONS)[number];

export interface Filters {
  /** A range that moves with the day; null: `from` and `to` say it. */
  readonly range: Preset | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly pbx: string | null;
  readonly queue: string | null;
  readonly verdicts: readonly Verdict[];
  readonly exit: Exit | null;
  readonly agent: string | null;
  readonly caller: string | null;
  readonly reason: ReasonCode | null;
  readonly handledBy: Handler | null;
  readonly observed: (typeof OBSERVED)[number] | null;
  readonly short: (typeof YES_NO)[number] | null;
  readonly minWait: number | null;
  readonly maxWait: number | null;
  readonly search: string | null;
}

export const NO_FILTERS: Filters = {
  range: null,
  from: null,
  to: null,
  pbx: null,
  queue: null,
  verdicts: [],
  exit: null,
  agent: null,
  caller: null,
  reason: null,
  handledBy: null,
  observed: null,
  short: null,
  minWait: null,
  maxWait: null,
  search: null,
};

const known = <T extends string>(value: string | null, all: readonly T[]): T | null =>
  all.find((one) => one === value) ?? null;

const seconds = (value: string | null): number | null => {
  const number = value === null || value === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
};

const moment = (value: string | null): string | null =>
  value === null || Number.isNaN(Date.parse(value)) ? null : value;

/** Reads an address; what makes no sense in it is left out. */
export function filtersOf(params: URLSearchParams): Filters {
  const text = (name: string) => params.get(name) || null;
  const verdicts = new Set(params.getAll('verdict'));
  const range = known(params.get('range'), PRESETS);
  return {
    range,
    from: range === null ? moment(params.get('from')) : null,
    to: range === null ? moment(params.get('to')) : null,
    pbx: text('pbx'),
    queue: text('queue'),
    verdicts: VERDICTS.filter((one) => verdicts.has(one)),
    exit: known(params.get('exit'), EXITS),
    agent: text('agent'),
    caller: text('caller'),
    reason: known(params.get('reason'), REASONS),
    handledBy: known(params.get('handled_by'), HANDLERS),
    observed: known(params.get('observed'), OBSERVED),
    short: known(params.get('short'), YES_NO),
    minWait: seconds(params.get('min_wait')),
    maxWait: seconds(params.get('max_wait')) || null,
    search: text('search'),
  };
}

const pairs = (filters: Filters): [string, string | null][] => [
  ['pbx', filters.pbx],
  ['queue', filters.queue],
  ['exit', filters.exit],
  ['agent', filters.agent],
  ['caller', filters.caller],
  ['reason', filters.reason],
  ['handled_by', filters.handledBy],
  ['observed', filters.observed],
  ['short', filters.short],
  ['min_wait', filters.minWait === null ? null : String(filters.minWait)],
  ['max_wait', filters.maxWait === null ? null : String(filters.maxWait)],
  ['search', filters.search],
];

/** Writes an address. */
export function paramsOf(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (filters.range !== null) params.set('range', filters.range);
  else {
    if (filters.from !== null) params.set('from', filters.from);
    if (filters.to !== null) params.set('to', filters.to);
  }
  for (const verdict of filters.verdicts) params.append('verdict', verdict);
  for (const [name, value] of pairs(filters)) if (value !== null) params.set(name, value);
  return params;
}

/** The query for the API: a range that moves with the day becomes moments. */
export function queryOf(filters: Filters, now: number, zone: string): URLSearchParams {
  const { range } = filters;
  if (range === null) return paramsOf(filters);
  const { from, to } = presetRange(range, now, zone);
  return paramsOf({
    ...filters,
    range: null,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
}

/** How many filters beside the range, the search and the verdicts are set. */
export const moreCount = (filters: Filters): number =>
  pairs(filters).filter(([name, value]) => value !== null && name !== 'search' && name !== 'queue')
    .length;

export const isNarrowed = (filters: Filters): boolean => paramsOf(filters).size > 0;

/**
 * Whether a live call may be one of the list: by what the page can tell of it alone. A search and
 * a way out of a queue are for the server to judge.
 */
export function mayBeListed(call: Call, filters: Filters, from: number, to: number): boolean {
  const arrived = Date.parse(call.arrived_at);
  return (
    arrived >= from &&
    arrived < to &&
    (filters.pbx === null || filters.pbx === call.pbx) &&
    (filters.queue === null || call.visits.some(({ queue }) => queue === filters.queue)) &&
    (filters.verdicts.length === 0 || filters.verdicts.includes(call.verdict)) &&
    (filters.caller === null || filters.caller === call.caller) &&
    moreCount({ ...filters, pbx: null, caller: null }) === 0 &&
    filters.search === null
  );
}
