/** Whether a calendar is open at a moment, by the rules that the server applies; pure. */
import type { CalendarSettings } from '../../../api/types';
import { daysOf, WEEK } from '../parts/days';

export interface LocalMoment {
  /** `2026-11-22` */
  readonly date: string;
  /** 0 is Monday. */
  readonly weekday: number;
  /** `09:30` */
  readonly time: string;
}

/** A moment as the clocks of a zone show it. */
export function localMoment(now: Date, zone: string): LocalMoment {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    weekday: (WEEK as readonly string[]).indexOf(part('weekday').toLowerCase().slice(0, 3)),
    time: `${part('hour')}:${part('minute')}`,
  };
}

const within = (time: string, spans: readonly { from: string; to: string }[]): boolean =>
  spans.some(
    ({ from, to }) => from.slice(0, 5) <= time && time < (to === '' ? '24:00' : to.slice(0, 5)),
  );

/** Why it is open or closed. */
export type OpenReason =
  | 'exception'
  | 'closed_day'
  | 'holiday'
  | 'holiday_hours'
  | 'week'
  | 'always';

export interface OpenState {
  readonly open: boolean;
  readonly why: OpenReason;
}

/**
 * An exceptional opening beats a closed day, which beats a public holiday, which beats the week.
 *
 * @param holidays the dates of the calendar's public holidays.
 */
export function openAt(
  calendar: CalendarSettings,
  at: LocalMoment,
  holidays: readonly string[],
): OpenState {
  const exceptions = calendar.open.filter(({ date }) => date === at.date);
  if (exceptions.length > 0) return { open: within(at.time, exceptions), why: 'exception' };
  const closed = calendar.closed.some((span) => {
    const [first = '', last = first] = span.split('/');
    return first <= at.date && at.date <= last;
  });
  if (closed) return { open: false, why: 'closed_day' };
  if (calendar.holidays !== '' && holidays.includes(at.date)) {
    if (calendar.holidays_hours.length === 0) return { open: false, why: 'holiday' };
    return { open: within(at.time, calendar.holidays_hours), why: 'holiday_hours' };
  }
  if (calendar.hours.length === 0) return { open: true, why: 'always' };
  const today = calendar.hours.filter(({ days }) => {
    const day = WEEK[at.weekday];
    return day !== undefined && daysOf(days).includes(day);
  });
  return { open: within(at.time, today), why: 'week' };
}
