/** What stands in the form of a contact, and what is sent of it; pure. */
import { localOf, momentOf } from '../history/range';
import type { Channel, Contact, NewContact, Patch } from './queries';

export const PROMISES = ['span', 'opening_hours', 'moment'] as const;
export type PromiseKind = (typeof PROMISES)[number];
export const UNITS = ['minutes', 'hours', 'days'] as const;
export type Unit = (typeof UNITS)[number];

const SECONDS: Record<Unit, number> = { minutes: 60, hours: 3_600, days: 86_400 };
const PERSONAL = ['name', 'number', 'email', 'subject', 'note'] as const;

export interface Form {
  readonly channel: Channel;
  readonly reference: string;
  readonly isNow: boolean;
  /** Fields of a date and a time, by the clocks of the centre. */
  readonly received: string;
  readonly until: string;
  readonly queue: string;
  readonly pbx: string;
  readonly call: string;
  readonly promise: PromiseKind;
  readonly amount: number | string;
  readonly unit: Unit;
  readonly calendar: string;
  readonly name: string;
  readonly number: string;
  readonly email: string;
  readonly subject: string;
  readonly note: string;
}

export const newForm = (now: number, zone: string): Form => ({
  channel: 'email',
  reference: '',
  isNow: true,
  received: localOf(now, zone),
  until: localOf(now + SECONDS.days * 1_000, zone),
  queue: '',
  pbx: '',
  call: '',
  promise: 'span',
  amount: '',
  unit: 'hours',
  calendar: '',
  name: '',
  number: '',
  email: '',
  subject: '',
  note: '',
});

/** The greatest unit of which a span is a whole number. */
function amountOf(seconds: number): Pick<Form, 'amount' | 'unit'> {
  const unit = UNITS.toReversed().find((one) => seconds % SECONDS[one] === 0) ?? 'minutes';
  return { amount: seconds / SECONDS[unit], unit };
}

export const formOf = (contact: Contact, zone: string): Form => ({
  ...newForm(0, zone),
  ...amountOf(contact.promise.span_s ?? SECONDS.days),
  channel: contact.channel,
  reference: contact.reference,
  isNow: false,
  received: localOf(Date.parse(contact.received_at), zone),
  until: localOf(Date.parse(contact.deadline_at), zone),
  queue: contact.queue,
  pbx: contact.pbx,
  call: contact.call_id,
  promise: contact.promise.kind,
  calendar: contact.promise.calendar,
  name: contact.name,
  number: contact.number,
  email: contact.email,
  subject: contact.subject,
  note: contact.note,
});

const iso = (local: string, zone: string): string => {
  const at = momentOf(local, zone);
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
};

/** What was announced: one of three. */
export function announced(form: Form, zone: string) {
  const seconds = Number(form.amount) * SECONDS[form.unit];
  switch (form.promise) {
    case 'moment':
      return { deadline_at: iso(form.until, zone) };
    case 'span':
      return { within_s: seconds };
    case 'opening_hours':
      return { within_opening_s: seconds, calendar: form.calendar };
  }
}

export function bodyOf(form: Form, zone: string): NewContact {
  const { channel, reference, queue, pbx, call } = form;
  return {
    channel,
    reference: reference.trim(),
    queue,
    pbx,
    call_id: call,
    answered_by: '',
    calendar: '',
    ...announced(form, zone),
    ...(form.isNow ? {} : { received_at: iso(form.received, zone) }),
    name: form.name.trim(),
    number: form.number.trim(),
    email: form.email.trim(),
    subject: form.subject.trim(),
    note: form.note.trim(),
  };
}

/** Only what is other than before: a moment that was not touched keeps its seconds. */
export function patchOf(form: Form, before: Form, zone: string): Patch {
  const changed = (name: keyof Form) => form[name] !== before[name];
  const promise = (['promise', 'amount', 'unit', 'calendar', 'until'] as const).filter(changed);
  return {
    ...(changed('channel') ? { channel: form.channel } : {}),
    ...(changed('received') ? { received_at: iso(form.received, zone) } : {}),
    ...(changed('queue') ? { queue: form.queue, pbx: form.pbx } : {}),
    ...(promise.length > 0 ? announced(form, zone) : {}),
    ...Object.fromEntries(PERSONAL.filter(changed).map((name) => [name, form[name].trim()])),
  };
}
