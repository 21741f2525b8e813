/** Moments of a series in words, by the clocks in the centre's zone. */
import type { Step } from './range';

const LOCALES: Record<string, string> = { en: 'en-GB', fr: 'fr-FR' };
const SHAPES = {
  hour: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  week: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
} as const satisfies Record<Step, Intl.DateTimeFormatOptions>;
const FULL = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', ...SHAPES.hour },
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  week: { day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
} as const satisfies Record<Step, Intl.DateTimeFormatOptions>;

export interface Moments {
  /** On an axis: `09:00`, `21 Nov`, `Nov 2026`. */
  short(at: number): string;
  /** In a table or a sentence: `Fri 21 Nov, 09:00`. */
  long(at: number): string;
  /** `21 November 2026`. */
  date(at: number): string;
  /** `21 Nov, 09:41`. */
  minute(at: number): string;
  /** A whole percentage, for an axis. */
  percent(share: number): string;
  /** The difference of two shares in points of a percentage: `−1.3`. */
  points(difference: number): string;
}

export function momentsIn(language: string, zone: string, step: Step, days: number): Moments {
  const locale = LOCALES[language] ?? language;
  const make = (shape: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...shape, timeZone: zone });
  // Hours of several days are told apart by their day.
  const short = make(step === 'hour' && days > 2 ? SHAPES.day : SHAPES[step]);
  const long = make(FULL[step]);
  const date = make(FULL.week);
  const minute = make({ ...SHAPES.day, ...SHAPES.hour });
  const percent = new Intl.NumberFormat(locale, { style: 'percent' });
  const points = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  return {
    short: (at) => short.format(at),
    long: (at) => long.format(at),
    date: (at) => date.format(at),
    minute: (at) => minute.format(at),
    percent: (share) => percent.format(share),
    points: (difference) => points.format(difference * 100).replace('-', '−'),
  };
}

/** The seven days in words, from Monday on. */
export function weekdays(language: string, form: 'short' | 'long'): readonly string[] {
  const format = new Intl.DateTimeFormat(LOCALES[language] ?? language, {
    weekday: form,
    timeZone: 'UTC',
  });
  // The fifth of January 2026 is a Monday.
  return Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2026, 0, 5 + day)));
}
