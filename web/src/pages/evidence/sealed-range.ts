import { addDays, dateOf, type Range, rangeBetween } from '../history/range';
import { utcDay } from './queries';

/**
 * What of a range is sealed, in whole days of the centre's zone; null: nothing of it.
 *
 * Days of seals are those of UTC: a day of the zone is sealed when all UTC days that it touches are.
 */
export function sealedPart(
  range: Range,
  sealed: { readonly first_day: string | null; readonly last_day: string | null },
  zone: string,
): Range | null {
  const { first_day, last_day } = sealed;
  if (first_day === null || last_day === null) return null;
  let first = laterOf(range.first, dateOf(Date.parse(first_day), zone));
  let last = earlierOf(range.last, dateOf(Date.parse(last_day), zone));
  while (first <= last) {
    const { from, to } = rangeBetween(first, last, zone);
    const begins = utcDay(from) >= first_day;
    const ends = utcDay(to - 1) <= last_day;
    if (begins && ends) return rangeBetween(first, last, zone);
    if (!begins) first = addDays(first, 1);
    if (!ends) last = addDays(last, -1);
  }
  return null;
}

const laterOf = (a: string, b: string): string => (a > b ? a : b);
const earlierOf = (a: string, b: string): string => (a < b ? a : b);
