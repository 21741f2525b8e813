import { describe, expect, it } from 'vitest';
import type { Contact } from './queries';
import { partsOf, stateOf } from './words';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-11-23T08:00:00Z');
const contact = (facts: Partial<Contact>): Contact =>
  ({
    verdict: 'pending',
    overdue: false,
    at_risk: false,
    at_risk_at: new Date(T0 + 3 * HOUR).toISOString(),
    deadline_at: new Date(T0 + 4 * HOUR).toISOString(),
    ...facts,
  }) as Contact;

describe('how a contact stands', () => {
  it('changes at its moments, told or not', () => {
    expect(stateOf(contact({}), T0 + 3 * HOUR - 1)).toBe('pending');
    expect(stateOf(contact({}), T0 + 3 * HOUR)).toBe('at_risk');
    expect(stateOf(contact({}), T0 + 4 * HOUR - 1)).toBe('at_risk');
    expect(stateOf(contact({}), T0 + 4 * HOUR)).toBe('overdue');
  });

  it('is the verdict once there is one', () => {
    expect(stateOf(contact({ verdict: 'breached', overdue: true }), T0)).toBe('overdue');
    expect(stateOf(contact({ verdict: 'breached' }), T0 + 9 * HOUR)).toBe('breached');
    expect(stateOf(contact({ verdict: 'met' }), T0 + 9 * HOUR)).toBe('met');
  });
});

it('a span is cut, never rounded up', () => {
  expect(partsOf(59_999)).toEqual({ unit: 'seconds', big: 59, small: 0 });
  expect(partsOf(2 * HOUR - 1)).toEqual({ unit: 'hours', big: 1, small: 59 });
  expect(partsOf(51 * HOUR)).toEqual({ unit: 'days', big: 2, small: 3 });
});
