/** The last hour, minute by minute: of one queue, or of several together; pure. */
import type { TrendPoint } from '../api/types';
import { queueKey } from './keys';

export const MINUTE = 60_000;
/** How many minutes are kept and shown. */
export const TREND_MINUTES = 60;
/** The first minute's level looks back beyond the hour where it can. */
const KEPT = TREND_MINUTES + 15;
/** A service level is of so many minutes: of one alone it would only jump. */
export const LEVEL_MINUTES = 15;

/** By queue: its minutes, oldest first. */
export type Trends = ReadonlyMap<string, readonly TrendPoint[]>;

export interface TrendMinute {
  readonly minuteMs: number;
  readonly arrivals: number;
  readonly waiting: number;
  readonly breached: number;
  /** Over the quarter of an hour that ends with this minute; null where nothing counts. */
  readonly level: number | null;
}

export function trendsOf(points: readonly TrendPoint[]): Trends {
  return withPoints(new Map(), points);
}

/** Takes in new minutes; one that is known is replaced, those older than an hour are dropped. */
export function withPoints(trends: Trends, points: readonly TrendPoint[]): Trends {
  if (points.length === 0) return trends;
  const next = new Map(trends);
  const fresh = new Map<string, Map<string, TrendPoint>>();
  for (const point of points) {
    const key = queueKey(point.pbx, point.queue);
    const minutes =
      fresh.get(key) ?? new Map((next.get(key) ?? []).map((known) => [known.minute, known]));
    minutes.set(point.minute, point);
    fresh.set(key, minutes);
  }
  for (const [key, minutes] of fresh) {
    const sorted = [...minutes.values()].sort((a, b) => (a.minute < b.minute ? -1 : 1));
    next.set(key, sorted.slice(-KEPT));
  }
  return next;
}

/** The last minute that is over. */
export const lastWholeMinute = (now: number): number => Math.floor(now / MINUTE) * MINUTE - MINUTE;

/** A point for each of the sixty minutes up to `last`; a minute without a point was quiet. */
export function minutesOf(
  series: Iterable<readonly TrendPoint[]>,
  last: number,
): readonly TrendMinute[] {
  const sums = new Map<number, Sum>();
  for (const points of series) {
    for (const point of points) add(sums, Date.parse(point.minute), point);
  }
  const first = last - (TREND_MINUTES - 1) * MINUTE;
  return Array.from({ length: TREND_MINUTES }, (_, index) => {
    const minuteMs = first + index * MINUTE;
    const own = sums.get(minuteMs) ?? NOTHING;
    return {
      minuteMs,
      arrivals: own.offered,
      waiting: own.waiting,
      breached: own.breached,
      level: levelAt(sums, minuteMs),
    };
  });
}

interface Sum {
  offered: number;
  waiting: number;
  breached: number;
  good: number;
  counted: number;
}

const NOTHING: Sum = { offered: 0, waiting: 0, breached: 0, good: 0, counted: 0 };

function add(sums: Map<number, Sum>, at: number, point: TrendPoint): void {
  const sum = sums.get(at) ?? { ...NOTHING };
  sum.offered += point.offered;
  sum.waiting += point.waiting_max;
  sum.breached += point.breached;
  // The formula that the cards show: abandons within T count for, all others against.
  sum.good += point.answered_within + point.abandoned_within;
  sum.counted += point.answered + point.abandoned;
  sums.set(at, sum);
}

function levelAt(sums: ReadonlyMap<number, Sum>, minuteMs: number): number | null {
  let good = 0;
  let counted = 0;
  for (let back = 0; back < LEVEL_MINUTES; back += 1) {
    const sum = sums.get(minuteMs - back * MINUTE);
    good += sum?.good ?? 0;
    counted += sum?.counted ?? 0;
  }
  return counted === 0 ? null : good / counted;
}

/** One queue's minutes; the same array as long as nothing new has come. */
export function minutesOfQueue(trends: Trends, key: string, last: number): readonly TrendMinute[] {
  const points = trends.get(key) ?? NONE;
  let minutes = made.get(points);
  if (minutes === undefined || minutes.at(-1)?.minuteMs !== last) {
    minutes = minutesOf([points], last);
    made.set(points, minutes);
  }
  return minutes;
}

const NONE: readonly TrendPoint[] = [];
const made = new WeakMap<readonly TrendPoint[], readonly TrendMinute[]>();
