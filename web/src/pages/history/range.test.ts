import { describe, expect, it } from 'vitest';
import {
  addDays,
  comparedRange,
  dateOf,
  presetRange,
  rangeBetween,
  startOfDay,
  startOfHour,
  stepsFor,
  usualStep,
} from './range';

const PARIS = 'Europe/Paris';
const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const hours = ({ from, to }: { from: number; to: number }) => (to - from) / HOUR;

describe('days in a zone', () => {
  it('begin at its midnight', () => {
    expect(startOfDay('2026-07-14', PARIS)).toBe(at('2026-07-13T22:00:00Z'));
    expect(startOfDay('2026-01-14', PARIS)).toBe(at('2026-01-13T23:00:00Z'));
    expect(startOfDay('2026-01-14', 'America/New_York')).toBe(at('2026-01-14T05:00:00Z'));
    expect(startOfDay('2026-01-14', 'Pacific/Kiritimati')).toBe(at('2026-01-13T10:00:00Z'));
    expect(startOfDay('2026-01-14', 'UTC')).toBe(at('2026-01-14T00:00:00Z'));
  });

  it('have 23 and 25 hours when the clocks change', () => {
    expect(hours(rangeBetween('2026-03-29', '2026-03-29', PARIS))).toBe(23);
    expect(hours(rangeBetween('2026-10-25', '2026-10-25', PARIS))).toBe(25);
    expect(hours(rangeBetween('2026-11-01', '2026-11-01', 'America/New_York'))).toBe(25);
  });

  it('begin at the change where summer time skips midnight', () => {
    const day = rangeBetween('2026-09-06', '2026-09-06', 'America/Santiago');
    expect(day.from).toBe(at('2026-09-06T04:00:00Z'));
    expect(hours(day)).toBe(23);
  });

  it('are those of the zone, not of the browser', () => {
    expect(dateOf(at('2026-11-21T23:30:00Z'), PARIS)).toBe('2026-11-22');
    expect(dateOf(at('2026-11-22T04:30:00Z'), 'America/New_York')).toBe('2026-11-21');
    expect(addDays('2026-02-27', 2)).toBe('2026-03-01');
    expect(addDays('2026-03-29', -1)).toBe('2026-03-28');
  });
});

describe('hours in a zone', () => {
  it('are those on the wall, also after the clocks have changed', () => {
    expect(startOfHour('2026-03-29', 9, PARIS)).toBe(at('2026-03-29T07:00:00Z'));
    expect(startOfHour('2026-10-25', 9, PARIS)).toBe(at('2026-10-25T08:00:00Z'));
    expect(startOfHour('2026-10-25', 2, PARIS)).toBe(at('2026-10-25T00:00:00Z'));
    expect(startOfHour('2026-10-25', 3, PARIS)).toBe(at('2026-10-25T02:00:00Z'));
    expect(startOfHour('2026-10-25', 24, PARIS)).toBe(startOfDay('2026-10-26', PARIS));
  });
});

describe('presets', () => {
  // A Sunday, half past midnight in Paris.
  const now = at('2026-11-21T23:30:00Z');
  const shown = (preset: Parameters<typeof presetRange>[0]) => {
    const { first, last } = presetRange(preset, now, PARIS);
    return `${first} ${last}`;
  };

  it('are whole days until today', () => {
    expect(shown('today')).toBe('2026-11-22 2026-11-22');
    expect(shown('yesterday')).toBe('2026-11-21 2026-11-21');
    expect(shown('week')).toBe('2026-11-16 2026-11-22');
    expect(shown('7d')).toBe('2026-11-16 2026-11-22');
    expect(shown('30d')).toBe('2026-10-24 2026-11-22');
    expect(shown('month')).toBe('2026-11-01 2026-11-22');
    expect(shown('lastMonth')).toBe('2026-10-01 2026-10-31');
    expect(presetRange('90d', now, PARIS).days).toBe(90);
  });

  it('turn dates around that are the wrong way', () => {
    expect(rangeBetween('2026-11-05', '2026-11-01', PARIS).days).toBe(5);
  });
});

describe('comparison', () => {
  const later = at('2027-06-01T00:00:00Z');
  const compared = (first: string, last: string, how: 'previous' | 'lastWeek' | 'lastYear') => {
    const other = comparedRange(rangeBetween(first, last, PARIS), how, later, PARIS);
    return `${other?.first} ${other?.last}`;
  };

  it('is with the days before, the same weekdays of a week or a year before', () => {
    expect(compared('2026-11-02', '2026-11-04', 'previous')).toBe('2026-10-30 2026-11-01');
    expect(compared('2026-11-02', '2026-11-04', 'lastWeek')).toBe('2026-10-26 2026-10-28');
    expect(compared('2026-11-01', '2026-11-30', 'lastWeek')).toBe('2026-09-27 2026-10-26');
    expect(compared('2026-11-02', '2026-11-02', 'lastYear')).toBe('2025-11-03 2025-11-03');
  });

  it('is with none when none is wanted', () => {
    expect(comparedRange(presetRange('today', later, PARIS), 'none', later, PARIS)).toBeNull();
  });

  it('goes as far as a day that is not over yet', () => {
    const now = at('2026-11-22T10:15:00Z');
    const other = comparedRange(presetRange('today', now, PARIS), 'previous', now, PARIS);
    expect(other?.to).toBe(at('2026-11-21T10:15:00Z'));
    // The Sunday of a change: as many hours of the day before.
    const change = at('2026-10-25T10:15:00Z');
    const before = comparedRange(presetRange('week', change, PARIS), 'lastWeek', change, PARIS);
    expect(before?.first).toBe('2026-10-12');
    expect(before?.to).toBe(startOfDay('2026-10-18', PARIS) + 12.25 * HOUR);
  });
});

describe('steps', () => {
  it('fit the range', () => {
    const range = (days: number) =>
      rangeBetween('2026-01-01', addDays('2026-01-01', days - 1), PARIS);
    expect(stepsFor(range(1))).toEqual(['hour']);
    expect(stepsFor(range(7))).toEqual(['hour', 'day']);
    expect(stepsFor(range(31))).toEqual(['hour', 'day', 'week', 'month']);
    expect(stepsFor(range(90))).toEqual(['day', 'week', 'month']);
    expect([1, 7, 90, 365, 800].map((days) => usualStep(range(days)))).toEqual([
      'hour',
      'day',
      'day',
      'week',
      'month',
    ]);
    for (const days of [1, 2, 3, 31, 92, 93, 550, 551]) {
      expect(stepsFor(range(days))).toContain(usualStep(range(days)));
    }
  });
});
