import { describe, expect, it } from 'vitest';
import type { QueueFigures } from '../../api/types';
import { FORMULAS, isFormula, spread, workedOut } from './levels';
import { momentsIn, weekdays } from './moments';
import { countAxis, shareAxis } from './Plot';
import { callsLink, type Series } from './queries';
import { blindColumns } from './SeriesCharts';

/** The worked example of the field: five formulas, five answers. */
const QUEUES: QueueFigures = {
  offered: 1060,
  answered: 1000,
  answered_within: 860,
  abandoned: 60,
  abandoned_within: 20,
  abandoned_short: 10,
  left_otherwise: 0,
  unknown: 0,
  asa_s: null,
  longest_wait_s: 0,
  average_talk_s: null,
  service_levels: [],
};

describe('the formulas', () => {
  it('are shown with the numbers in them', () => {
    expect(FORMULAS.map((formula) => workedOut(formula, QUEUES, String))).toEqual([
      '(860 + 20) / (1000 + 60)',
      '860 / 1000',
      '860 / (1000 + 60)',
      '860 / (1000 + 40)',
      '(860 + 10) / (1000 + 60)',
    ]);
  });

  it('are known by their names', () => {
    expect(isFormula('answered_only')).toBe(true);
    expect(isFormula('another')).toBe(false);
    expect(isFormula(null)).toBe(false);
  });

  it('have a range only where something is unknown', () => {
    expect(spread({ low: 0.5, high: 0.6 })).toEqual({ low: 0.5, high: 0.6 });
    expect(spread({ low: 0.5, high: 0.5 })).toBeNull();
    expect(spread({ low: null, high: null })).toBeNull();
  });
});

describe('axes', () => {
  it('of shares begin below the lowest one and end at one', () => {
    const axis = (...values: (number | null)[]) => {
      const { min, max, ticks } = shareAxis(values, String);
      return [min, max, ticks.length];
    };
    expect(axis(0.93, null)).toEqual([0.8, 1, 3]);
    expect(axis(0.71)).toEqual([0.6, 1, 5]);
    expect(axis(0)).toEqual([0, 1, 6]);
    expect(axis(null)[1]).toBe(1);
  });

  it('of counts hold the highest one', () => {
    for (const most of [0, 1, 3, 4, 9, 80, 151, 2001]) {
      const { max, ticks } = countAxis(most, String);
      expect(max).toBeGreaterThanOrEqual(most);
      expect(ticks.length).toBeLessThan(8);
      expect(ticks.every(Number.isInteger)).toBe(true);
    }
  });
});

describe('moments', () => {
  const at = Date.parse('2026-10-25T00:30:00Z');

  it('are those on the wall of the centre', () => {
    expect(momentsIn('en', 'Europe/Paris', 'hour', 1).short(at)).toBe('02:30');
    expect(momentsIn('en', 'Europe/Paris', 'hour', 7).short(at)).toBe('25 Oct');
    expect(momentsIn('fr', 'America/New_York', 'day', 7).long(at)).toBe('samedi 24 octobre 2026');
  });

  it('have their days from Monday on', () => {
    expect(weekdays('en', 'long')[0]).toBe('Monday');
    expect(weekdays('fr', 'long')[6]).toBe('dimanche');
  });

  it('have points with a sign, in the language', () => {
    expect(momentsIn('fr', 'UTC', 'day', 1).points(-0.0334)).toBe('−3,3');
    expect(momentsIn('en', 'UTC', 'day', 1).points(0.01)).toBe('+1.0');
    expect(momentsIn('en', 'UTC', 'day', 1).points(0)).toBe('0.0');
  });
});

it('calls are found by the names that their page knows', () => {
  const link = callsLink({ pbx: null, queue: 'after sales' }, 0, '1970-01-02T00:00:00Z', {
    verdict: 'breached',
  });
  expect(Object.fromEntries(new URLSearchParams(link.split('?')[1]))).toEqual({
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-02T00:00:00.000Z',
    queue: 'after sales',
    verdict: 'breached',
  });
});

it('blind intervals are drawn where they were, to the end of the range where they go on', () => {
  const hours = [0, 1, 2, 3].map((hour) => ({
    starts_at: `2026-11-22T0${hour}:00:00Z`,
    ends_at: `2026-11-22T0${hour + 1}:00:00Z`,
  }));
  const blind = (started_at: string, ended_at: string | null) => ({ started_at, ended_at });
  const series = {
    to: '2026-11-22T04:00:00Z',
    buckets: hours,
    blind_intervals: [
      blind('2026-11-22T00:30:00Z', '2026-11-22T01:15:00Z'),
      blind('2026-11-21T00:00:00Z', '2026-11-22T01:00:00Z'),
      blind('2026-11-22T03:30:00Z', null),
    ],
  } as unknown as Series;
  expect(blindColumns(series)).toEqual([
    [0.5, 1.25],
    [0, 1],
    [3.5, 4],
  ]);
});
