import { describe, expect, it } from 'vitest';
import { type Filters, filtersOf, isNarrowed, NO_FILTERS, paramsOf, queryOf } from './filters';

const PARIS = 'Europe/Paris';
const NOW = Date.parse('2026-11-22T13:00:00Z');
const query = (filters: Partial<Filters>) =>
  Object.fromEntries(queryOf({ ...NO_FILTERS, ...filters }, NOW, PARIS));

describe('what contacts are narrowed to', () => {
  it('is the work list in an address that says nothing', () => {
    expect(filtersOf(new URLSearchParams())).toEqual(NO_FILTERS);
    expect(isNarrowed(NO_FILTERS)).toBe(false);
    expect(query({})).toEqual({ open: 'true' });
  });

  it('goes into the address and comes back', () => {
    const filters: Filters = {
      ...NO_FILTERS,
      wanted: 'breached',
      channel: 'email',
      queue: 'support',
      from: '2026-10-01',
      to: '2026-10-31',
      reference: 'A 1/2',
    };
    expect(filtersOf(new URLSearchParams(paramsOf(filters).toString()))).toEqual(filters);
  });

  it('takes nothing that it does not know', () => {
    const params = new URLSearchParams('state=no&channel=pigeon&range=always&from=tomorrow');
    expect(filtersOf(params)).toEqual(NO_FILTERS);
  });

  it('asks for days of the centre', () => {
    expect(query({ wanted: 'all', from: '2026-10-25', to: '2026-10-25' })).toEqual({
      from: '2026-10-24T22:00:00.000Z',
      to: '2026-10-25T23:00:00.000Z',
    });
    expect(query({ wanted: 'met', range: 'today' })).toEqual({
      verdict: 'met',
      from: '2026-11-21T23:00:00.000Z',
      to: '2026-11-22T23:00:00.000Z',
    });
  });

  it('lists what is open by its deadline', () => {
    expect(query({ wanted: 'overdue' })).toEqual({ open: 'true', overdue: 'true' });
    expect(query({ wanted: 'pending' })).toEqual({ open: 'true', verdict: 'pending' });
  });
});
