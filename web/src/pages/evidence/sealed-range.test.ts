import { describe, expect, it } from 'vitest';
import { rangeBetween } from '../history/range';
import { sealedPart } from './sealed-range';

const sealed = { first_day: '2026-10-07', last_day: '2026-11-20' };
const part = (first: string, last: string, zone: string) => {
  const found = sealedPart(rangeBetween(first, last, zone), sealed, zone);
  return found === null ? null : [found.first, found.last];
};

describe('what of a period is sealed', () => {
  it('is in whole days of the zone of which each is sealed', () => {
    expect(part('2026-05-01', '2026-10-31', 'UTC')).toEqual(['2026-10-07', '2026-10-31']);
    // A day in Paris begins in the UTC day before; in New York it ends in the one after.
    expect(part('2026-05-01', '2026-12-31', 'Europe/Paris')).toEqual(['2026-10-08', '2026-11-20']);
    expect(part('2026-05-01', '2026-12-31', 'America/New_York')).toEqual([
      '2026-10-07',
      '2026-11-19',
    ]);
    expect(part('2026-10-10', '2026-10-12', 'Europe/Paris')).toEqual(['2026-10-10', '2026-10-12']);
  });

  it('may be nothing', () => {
    expect(part('2026-01-01', '2026-09-30', 'Europe/Paris')).toBeNull();
    const none = { first_day: null, last_day: null };
    expect(sealedPart(rangeBetween('2026-10-10', '2026-10-12', 'UTC'), none, 'UTC')).toBeNull();
  });
});
