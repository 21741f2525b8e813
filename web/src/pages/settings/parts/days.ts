import type { OpeningHours } from '../../../api/types';

/** Weekdays as the settings write them (`mon-fri`), and as seven switches; pure. */
export const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEK)[number];

const numberOf = (word: string): number =>
  (WEEK as readonly string[]).indexOf(word.trim().toLowerCase().slice(0, 3));

/** `["mon-wed", "sun"]` → the days that it names, in the order of the week. */
export function daysOf(words: readonly string[]): readonly Weekday[] {
  const found = new Set<number>();
  for (const word of words) {
    const [first = '', last = first] = word.split('-');
    const start = numberOf(first);
    const end = numberOf(last);
    if (start < 0 || end < 0) continue;
    for (let day = start; ; day = (day + 1) % 7) {
      found.add(day);
      if (day === end) break;
    }
  }
  return WEEK.filter((_, day) => found.has(day));
}

/** The other way; three or more in a row are a range. */
export function wordsOf(days: readonly Weekday[]): string[] {
  const rows: number[][] = [];
  for (const [number, day] of WEEK.entries()) {
    if (!days.includes(day)) continue;
    const row = rows.at(-1);
    if (row?.at(-1) === number - 1) row.push(number);
    else rows.push([number]);
  }
  return rows.flatMap((row) => {
    const names = row.map((number) => WEEK[number] ?? '');
    return row.length < 3 ? names : [`${names[0]}-${names.at(-1)}`];
  });
}

/** What is wrong with a span of weekdays; the words are below `settings.check`. */
export type SpanComplaint = 'no_day' | 'no_time' | 'not_after';

/** What is wrong with spans, by the path that the server would name. */
export function checkSpans(
  path: string,
  spans: readonly Pick<OpeningHours, 'days' | 'from' | 'to'>[],
): Record<string, SpanComplaint> {
  const found: Record<string, SpanComplaint> = {};
  spans.forEach(({ days, from, to }, n) => {
    const begin = clockOf(from);
    const end = clockOf(to);
    if (days.length === 0) found[`${path}.${n}.days`] = 'no_day';
    if (begin === null) found[`${path}.${n}.from`] = 'no_time';
    if (end === null) found[`${path}.${n}.to`] = 'no_time';
    else if (begin !== null && end <= begin) found[`${path}.${n}.to`] = 'not_after';
  });
  return found;
}

/**
 * What somebody typed as a time of day, as the settings write it: `9` → `09:00`, `18h30` → `18:30`;
 * null where it is none. The end of a day is `24:00`.
 */
export function clockOf(typed: string): string | null {
  const found = /^\s*(\d{1,2})\s*(?:[:h.]?\s*(\d{2})?)\s*$/i.exec(typed);
  if (found === null) return null;
  const hours = Number(found[1]);
  const minutes = Number(found[2] ?? '0');
  if (minutes > 59 || hours > 24 || (hours === 24 && minutes > 0)) return null;
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
