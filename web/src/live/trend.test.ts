import { describe, expect, it } from 'vitest';
import { point, T0 } from './samples';
import {
  lastWholeMinute,
  MINUTE,
  minutesOf,
  minutesOfQueue,
  TREND_MINUTES,
  trendsOf,
  withPoints,
} from './trend';

const last = T0 + 10 * MINUTE;

describe('the trend', () => {
  it('has a point for each of the last sixty minutes, quiet ones too', () => {
    const minutes = minutesOf([[point(3, { offered: 2, waiting_max: 5 })]], last);
    expect(minutes).toHaveLength(TREND_MINUTES);
    expect(minutes.at(-1)?.minuteMs).toBe(last);
    expect(minutes.filter(({ arrivals }) => arrivals > 0)).toEqual([
      { minuteMs: T0 + 3 * MINUTE, arrivals: 2, waiting: 5, breached: 0, level: null },
    ]);
  });

  it('knows no level before anything has counted, and then that of a quarter of an hour', () => {
    const counted = point(0, {
      answered: 3,
      answered_within: 2,
      abandoned: 1,
      abandoned_within: 1,
    });
    const minutes = minutesOf([[counted]], T0 + 20 * MINUTE);
    const levels = minutes.slice(-21).map(({ level }) => level);
    expect(levels.slice(0, 15)).toEqual(new Array(15).fill(0.75));
    expect(levels.slice(15)).toEqual(new Array(6).fill(null));
  });

  it('adds up over queues', () => {
    const minutes = minutesOf(
      [
        [point(10, { offered: 1, answered: 1, answered_within: 1, waiting_max: 2 })],
        [point(10, { queue: 'sales', offered: 2, answered: 1, waiting_max: 1 })],
      ],
      last,
    );
    expect(minutes.at(-1)).toMatchObject({ arrivals: 3, waiting: 3, level: 0.5 });
  });

  it('takes in new minutes and corrections, and leaves other queues as they are', () => {
    const before = trendsOf([point(1), point(1, { queue: 'sales' })]);
    const after = withPoints(before, [point(2, { offered: 7 }), point(1, { offered: 4 })]);
    expect(after.get('lab/support')?.map(({ offered }) => offered)).toEqual([4, 7]);
    expect(after.get('lab/sales')).toBe(before.get('lab/sales'));
    expect(withPoints(after, [])).toBe(after);
  });

  it('forgets what is long past', () => {
    const points = Array.from({ length: 200 }, (_, minute) => point(minute));
    expect(trendsOf(points).get('lab/support')?.length).toBeLessThan(100);
  });

  it('is the same for React until something new has come, or a minute has passed', () => {
    const trends = trendsOf([point(1)]);
    const first = minutesOfQueue(trends, 'lab/support', last);
    expect(minutesOfQueue(trends, 'lab/support', last)).toBe(first);
    expect(minutesOfQueue(trends, 'lab/support', last + MINUTE)).not.toBe(first);
  });

  it('ends with the last minute that is over', () => {
    expect(lastWholeMinute(T0 + 59_999)).toBe(T0 - MINUTE);
    expect(lastWholeMinute(T0 + 60_000)).toBe(T0);
  });
});
