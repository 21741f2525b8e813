/** Ranges of whole days as the clocks in the centre's zone tell them; moments are milliseconds. */

export const PRESETS = [
  'today',
  'yesterday',
  'week',
  '7d',
  '30d',
  '90d',
  'month',
  'lastMonth',
] as const;
export type Preset = (typeof PRESETS)[number];

export const STEPS = ['hour', 'day', 'week', 'month'] as const;
export type Step = (typeof STEPS)[number];

export const COMPARISONS = ['none', 'previous', 'lastWeek', 'lastYear'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** `from` ≤ t < `to`; the dates are the first and the last day in it, `days` how many there are. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly first: string;
  readonly last: string;
  readonly days: number;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** What one answer of the server may hold. */
const MOST_BUCKETS = 800;

const formats = new Map<string, Intl.DateTimeFormat>();

function partsIn(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** What the clocks on the wall show, as if that were UTC. */
function wall(at: number, zone: string): number {
  const parts = new Map(
    partsIn(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  return Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
}

/** The date on the centre's calendar, as `2026-11-22`. */
export const dateOf = (at: number, zone: string): string =>
  new Date(wall(at, zone)).toISOString().slice(0, 10);

/** When a day begins: its midnight, or the change to summer time where that skips midnight. */
export const startOfDay = (date: string, zone: string): number => startOfHour(date, 0, zone);

/** When an hour of a day begins, from 0 to 24; of a repeated hour, the first of the two. */
export const startOfHour = (date: string, hour: number, zone: string): number =>
  showing(Date.parse(`${date}T00:00:00Z`) + hour * HOUR, zone);

/** When the clocks on the wall show this; the first of two times, or after one that is skipped. */
function showing(shown: number, zone: string): number {
  const offset = (at: number) => wall(at, zone) - Math.floor(at / 1000) * 1000;
  const early = shown - offset(shown - DAY);
  const late = shown - offset(shown + DAY);
  const exact = [early, late].filter((at) => wall(at, zone) === shown);
  return exact.length > 0 ? Math.min(...exact) : Math.max(early, late);
}

/** What a field for a date and a time holds: `2026-11-22T14:30`, by the clocks in the zone. */
export const localOf = (at: number, zone: string): string =>
  new Date(wall(at, zone)).toISOString().slice(0, 16);

/** The moment that such a field means; NaN while it is not filled in. */
export function momentOf(local: string, zone: string): number {
  const shown = Date.parse(`${local}Z`);
  return Number.isNaN(shown) ? shown : showing(shown, zone);
}

/** A date so many days later; no zone is needed for that. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

const daysBetween = (first: string, last: string): number =>
  Math.round((Date.parse(last) - Date.parse(first)) / DAY);

/** 0 for Monday. */
const weekday = (date: string): number => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

export function rangeBetween(first: string, last: string, zone: string): Range {
  const [a, b] = first <= last ? [first, last] : [last, first];
  return {
    from: startOfDay(a, zone),
    to: startOfDay(addDays(b, 1), zone),
    first: a,
    last: b,
    days: daysBetween(a, b) + 1,
  };
}

export function presetRange(preset: Preset, now: number, zone: string): Range {
  const today = dateOf(now, zone);
  const between = (first: string, last: string) => rangeBetween(first, last, zone);
  switch (preset) {
    case 'today':
      return between(today, today);
    case 'yesterday':
      return between(addDays(today, -1), addDays(today, -1));
    case 'week':
      return between(addDays(today, -weekday(today)), today);
    case '7d':
      return between(addDays(today, -6), today);
    case '30d':
      return between(addDays(today, -29), today);
    case '90d':
      return between(addDays(today, -89), today);
    case 'month':
      return between(`${today.slice(0, 8)}01`, today);
    case 'lastMonth': {
      const last = addDays(`${today.slice(0, 8)}01`, -1);
      return between(`${last.slice(0, 8)}01`, last);
    }
  }
}

/**
 * The range to compare with; null for none. A range that is not over yet is compared with as much
 * of the other as has passed of it.
 */
export function comparedRange(
  range: Range,
  comparison: Comparison,
  now: number,
  zone: string,
): Range | null {
  if (comparison === 'none') return null;
  const back =
    comparison === 'previous'
      ? range.days
      : comparison === 'lastWeek'
        ? Math.ceil(range.days / 7) * 7
        : // The same weekdays: 52 weeks, not the same date.
          Math.ceil(range.days / 364) * 364;
  const other = rangeBetween(addDays(range.first, -back), addDays(range.last, -back), zone);
  if (now >= range.to || now <= range.from) return other;
  // By days and the time of day, so that a change of the clocks in between does not matter.
  const today = dateOf(now, zone);
  const there = startOfDay(addDays(today, -back), zone) + (now - startOfDay(today, zone));
  return { ...other, to: Math.min(other.to, Math.max(other.from + 1, there)) };
}

/** Which steps a range can be shown in, the finest first. */
export function stepsFor(range: Range): readonly Step[] {
  const many: Record<Step, number> = {
    hour: range.days * 24 + 1,
    day: range.days,
    week: Math.ceil(range.days / 7) + 1,
    month: Math.ceil(range.days / 28) + 1,
  };
  return STEPS.filter(
    (step) =>
      many[step] <= MOST_BUCKETS &&
      (step !== 'day' || range.days > 1) &&
      (step !== 'week' || range.days > 7) &&
      (step !== 'month' || range.days > 28),
  );
}

/** The step that shows neither too much nor too little. */
export function usualStep(range: Range): Step {
  if (range.days <= 2) return 'hour';
  if (range.days <= 92) return 'day';
  return range.days <= 550 ? 'week' : 'month';
}
