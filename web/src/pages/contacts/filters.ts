/** What the list of contacts is narrowed to; it lives in the address. */
import { addDays, PRESETS, type Preset, presetRange, startOfDay } from '../history/range';
import type { Channel } from './queries';

export const CHANNELS: readonly Channel[] = [
  'email',
  'letter',
  'callback',
  'chat',
  'complaint',
  'other',
];

/** What is asked for: who waits for an answer is the work list, and what the page begins with. */
export const WANTED = [
  'open',
  'overdue',
  'at_risk',
  'pending',
  'met',
  'breached',
  'withdrawn',
  'excluded',
  'all',
] as const;
export type Wanted = (typeof WANTED)[number];

export interface Filters {
  readonly wanted: Wanted;
  readonly channel: Channel | null;
  readonly queue: string | null;
  readonly pbx: string | null;
  /** A range that moves with the day; null: `from` and `to` say it. */
  readonly range: Preset | null;
  /** The first and the last day of reception, as the centre's calendar has them. */
  readonly from: string | null;
  readonly to: string | null;
  readonly reference: string | null;
  /** The call in which it was asked for. */
  readonly call: string | null;
}

export const NO_FILTERS: Filters = {
  wanted: 'open',
  channel: null,
  queue: null,
  pbx: null,
  range: null,
  from: null,
  to: null,
  reference: null,
  call: null,
};

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const known = <T extends string>(names: readonly T[], name: string | null): T | null =>
  names.find((one) => one === name) ?? null;
const date = (text: string | null): string | null =>
  text !== null && DATE.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;

export function filtersOf(params: URLSearchParams): Filters {
  const range = known(PRESETS, params.get('range'));
  return {
    wanted: known(WANTED, params.get('state')) ?? 'open',
    channel: known(CHANNELS, params.get('channel')),
    queue: params.get('queue'),
    pbx: params.get('pbx'),
    range,
    from: range === null ? date(params.get('from')) : null,
    to: range === null ? date(params.get('to')) : null,
    reference: params.get('reference'),
    call: params.get('call'),
  };
}

export function paramsOf({ wanted, ...filters }: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (wanted !== 'open') params.set('state', wanted);
  for (const [name, value] of Object.entries(filters)) if (value) params.set(name, value);
  return params;
}

export const isNarrowed = ({ wanted, ...filters }: Filters): boolean =>
  Object.values(filters).some((value) => value !== null) || wanted !== 'open';

/** By the API's filters; what waits for an answer is listed by its deadline. */
const ASKED: Readonly<Record<Wanted, Readonly<Record<string, string>>>> = {
  open: { open: 'true' },
  overdue: { open: 'true', overdue: 'true' },
  at_risk: { open: 'true', verdict: 'pending', at_risk: 'true' },
  pending: { open: 'true', verdict: 'pending' },
  met: { verdict: 'met' },
  breached: { verdict: 'breached' },
  withdrawn: { verdict: 'withdrawn' },
  excluded: { verdict: 'excluded' },
  all: {},
};

const iso = (at: number): string => new Date(at).toISOString();

/** The same for the API. */
export function queryOf(filters: Filters, now: number, zone: string): URLSearchParams {
  const query = new URLSearchParams();
  const { wanted, channel, queue, pbx, reference, call, range, from, to } = filters;
  for (const [name, value] of Object.entries(ASKED[wanted])) query.set(name, value);
  for (const [name, value] of Object.entries({ channel, queue, pbx, reference, call })) {
    if (value !== null) query.set(name, value);
  }
  if (range !== null) {
    const shown = presetRange(range, now, zone);
    query.set('from', iso(shown.from));
    query.set('to', iso(shown.to));
  }
  if (from !== null) query.set('from', iso(startOfDay(from, zone)));
  if (to !== null) query.set('to', iso(startOfDay(addDays(to, 1), zone)));
  return query;
}
