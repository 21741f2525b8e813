/** Numbers, spans and moments as people write them, in one language and one time zone. */

/** 24-hour English: a contact centre's day has no a.m. and p.m. */
const LOCALES: Record<string, string> = { en: 'en-GB', fr: 'fr-FR' };

const NARROW_NBSP = '\u202f';
const SECOND = 1_000;
/** The smallest share that is written. */
const LEAST = 0.001;

export interface Format {
  integer(value: number): string;
  /**
   * One decimal, cut and not rounded: 99.96 % must not look like a kept promise. What is more than
   * nothing and would be 0.0 % is `< 0.1%`.
   */
  percent(ratio: number): string;
  /** `14:03:22` */
  time(ms: number): string;
  /** `14:03:22.382` */
  timeExact(ms: number): string;
  /** `21 Nov 2026, 14:03:22` */
  dateTime(ms: number): string;
  /** `Saturday 21 November` */
  day(ms: number): string;
  /** `41.208 s`; exact, for one call's record. */
  seconds(value: number): string;
}

const formats = new Map<string, Format>();

/** `zone`: an IANA name; empty, or one that this browser does not know: the browser's own. */
export function formatFor(language: string, zone = ''): Format {
  const locale = LOCALES[language] ?? language;
  const key = `${locale} ${zone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = makeFormat(locale, zone);
    formats.set(key, format);
  }
  return format;
}

function isKnownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}

function makeFormat(locale: string, zone: string): Format {
  const integer = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    roundingMode: 'trunc',
  });
  const place = zone !== '' && isKnownZone(zone) ? { timeZone: zone } : {};
  const hms = {
    ...place,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  } as const;
  const time = new Intl.DateTimeFormat(locale, hms);
  const timeExact = new Intl.DateTimeFormat(locale, { ...hms, fractionalSecondDigits: 3 });
  const dateTime = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    ...hms,
  });
  const day = new Intl.DateTimeFormat(locale, {
    ...place,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  const seconds = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 3,
    maximumFractionDigits: 3,
  });
  return {
    integer: (value) => integer.format(value),
    percent: (ratio) =>
      ratio > 0 && ratio < LEAST ? `<\u00a0${percent.format(LEAST)}` : percent.format(ratio),
    time: (ms) => time.format(ms),
    timeExact: (ms) => timeExact.format(ms),
    dateTime: (ms) => dateTime.format(ms),
    day: (ms) => day.format(ms),
    seconds: (value) => `${seconds.format(value)}${NARROW_NBSP}s`,
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `0:48`, `12:05`, `1:02:05`: a running time, whole seconds that have passed. */
export function elapsed(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = two(total % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** A span below a minute as `12 s`, else as `1:12`; rounded up for what is left of a minute. */
export function span(ms: number, up = false): string {
  const total = Math.max(0, up ? Math.ceil(ms / SECOND) : Math.floor(ms / SECOND));
  return total < 60 ? `${total}${NARROW_NBSP}s` : elapsed(total * SECOND);
}
