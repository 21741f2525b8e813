/** Periods of whole months and days by the centre's calendar. */
import {
  dateOf,
  PRESETS as HISTORY_PRESETS,
  presetRange,
  type Range,
  rangeBetween,
} from '../history/range';

/** Those that are offered; `from` and `to` in the address say any other. */
export const OFFERED = ['month', 'lastMonth', '6m', '12m'] as const;
export type Offered = (typeof OFFERED)[number];

const MONTHS = { lastMonth: 1, '6m': 6, '12m': 12 } as const;

const isOffered = (name: string | null): name is Offered => OFFERED.some((one) => one === name);

export const isDate = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** So many whole months, the last of them the one before this. */
export function wholeMonths(months: number, now: number, zone: string): Range {
  const [year = 0, month = 1] = dateOf(now, zone).split('-').map(Number);
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return rangeBetween(
    day(Date.UTC(year, month - 1 - months, 1)),
    day(Date.UTC(year, month - 1, 0)),
    zone,
  );
}

export const offeredRange = (name: Offered, now: number, zone: string): Range =>
  name === 'month' ? presetRange('month', now, zone) : wholeMonths(MONTHS[name], now, zone);

export interface Period {
  /** Null: from one date to another. */
  readonly name: Offered | null;
  readonly range: Range;
}

/** The period that an address means; what makes no sense in it is left out. */
export function periodOf(
  params: URLSearchParams,
  usual: Offered,
  now: number,
  zone: string,
): Period {
  const [first, last, name] = [params.get('from'), params.get('to'), params.get('range')];
  if (isDate(first) && isDate(last)) return { name: null, range: rangeBetween(first, last, zone) };
  // A link from the history page may hold one of its ranges.
  const other = HISTORY_PRESETS.find((one) => one === name && !isOffered(one));
  if (other !== undefined) return { name: null, range: presetRange(other, now, zone) };
  const offered = isOffered(name) ? name : usual;
  return { name: offered, range: offeredRange(offered, now, zone) };
}
