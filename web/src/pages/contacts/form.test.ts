import { describe, expect, it } from 'vitest';
import { bodyOf, formOf, newForm, patchOf } from './form';
import type { Contact } from './queries';

const PARIS = 'Europe/Paris';
const NOW = Date.parse('2026-11-23T08:00:22Z');
const CONTACT = {
  channel: 'email',
  reference: 'T-1',
  received_at: '2026-11-23T07:12:41.382Z',
  deadline_at: '2026-11-24T07:12:41.382Z',
  promise: { kind: 'span', span_s: 86_400, calendar: '' },
  queue: 'support',
  pbx: '',
  call_id: '',
  name: '',
  number: '',
  email: '',
  subject: '',
  note: '',
} as unknown as Contact;

describe('what is sent of a contact', () => {
  it('is the span in seconds, and no moment where it came just now', () => {
    const form = {
      ...newForm(NOW, PARIS),
      reference: ' T-1 ',
      amount: 1.5,
      unit: 'hours',
    } as const;
    const body = bodyOf(form, PARIS);
    expect(body.within_s).toBe(5_400);
    expect(body.reference).toBe('T-1');
    expect(body.received_at).toBeUndefined();
    expect(body.deadline_at).toBeUndefined();
  });

  it('has moments by the clocks of the centre', () => {
    const form = { ...newForm(NOW, PARIS), isNow: false, promise: 'moment' } as const;
    const body = bodyOf(
      { ...form, received: '2026-11-23T09:00', until: '2026-11-25T18:00' },
      PARIS,
    );
    expect(body.received_at).toBe('2026-11-23T08:00:00.000Z');
    expect(body.deadline_at).toBe('2026-11-25T17:00:00.000Z');
  });

  it('is nothing where nothing changed, and nothing else', () => {
    const before = formOf(CONTACT, PARIS);
    expect([before.amount, before.unit]).toEqual([1, 'days']);
    expect(patchOf(before, before, PARIS)).toEqual({});
    expect(patchOf({ ...before, note: 'call back' }, before, PARIS)).toEqual({ note: 'call back' });
    expect(patchOf({ ...before, amount: 2 }, before, PARIS)).toEqual({ within_s: 172_800 });
  });
});
