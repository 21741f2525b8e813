/** How a contact stands, and spans of hours and days, in words. */
import { useTranslation } from 'react-i18next';
import type { Contact } from './queries';

export type State =
  | 'pending'
  | 'at_risk'
  | 'overdue'
  | 'met'
  | 'breached'
  | 'withdrawn'
  | 'excluded';

/** As it stands at a moment, also before the monitor has told that the deadline passed. */
export function stateOf(contact: Contact, now: number): State {
  const { verdict } = contact;
  if (contact.overdue) return 'overdue';
  if (verdict !== 'pending') return verdict;
  if (now >= Date.parse(contact.deadline_at)) return 'overdue';
  return contact.at_risk || now >= Date.parse(contact.at_risk_at) ? 'at_risk' : 'pending';
}

export const isOpen = ({ verdict, overdue }: Contact): boolean => verdict === 'pending' || overdue;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Parts {
  readonly unit: 'days' | 'hours' | 'minutes' | 'seconds';
  readonly big: number;
  readonly small: number;
}

/** A span in its two greatest units, cut and not rounded: what is left is never shown as more. */
export function partsOf(ms: number): Parts {
  const cut = (unit: number, below: number) => ({
    big: Math.floor(ms / unit),
    small: Math.floor((ms % unit) / below),
  });
  if (ms >= DAY) return { unit: 'days', ...cut(DAY, HOUR) };
  if (ms >= HOUR) return { unit: 'hours', ...cut(HOUR, MINUTE) };
  if (ms >= MINUTE) return { unit: 'minutes', ...cut(MINUTE, SECOND) };
  return { unit: 'seconds', ...cut(SECOND, SECOND) };
}

/** `2 d 4 h`, `4 h 12 min`, `12 min 8 s`; without the second unit where there is nothing of it. */
export function useSpan(): (ms: number) => string {
  const { t } = useTranslation();
  return (ms) => {
    const { unit, big, small } = partsOf(Math.max(0, ms));
    const whole = unit === 'seconds' || small === 0;
    return whole
      ? t(`contacts.span.${unit}.whole`, { big })
      : t(`contacts.span.${unit}.both`, { big, small });
  };
}

/** What was announced: a span, a span of opening hours, a moment. */
export function usePromise(): (contact: Contact) => string {
  const { t } = useTranslation();
  const span = useSpan();
  return ({ promise }) => {
    const within = span((promise.span_s ?? 0) * SECOND);
    if (promise.kind === 'moment') return t('contacts.promise.moment');
    if (promise.kind === 'span') return t('contacts.promise.span', { within });
    return promise.calendar === ''
      ? t('contacts.promise.opening', { within })
      : t('contacts.promise.calendar', { within, calendar: promise.calendar });
  };
}

/** Why it stands as it does; empty while nothing is decided. */
export function useWhy(): (contact: Contact) => string {
  const { t } = useTranslation();
  const span = useSpan();
  return ({ reason, deadline_at, received_at, answered_at, withdrawn_at }) => {
    if (reason === '') return '';
    const ended = Date.parse(answered_at ?? withdrawn_at ?? deadline_at);
    return t(`contacts.why.${reason}`, {
      late: span(ended - Date.parse(deadline_at)),
      left: span(Date.parse(deadline_at) - ended),
      took: span(ended - Date.parse(received_at)),
    });
  };
}
