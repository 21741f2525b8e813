import { describe, expect, it } from 'vitest';
import { call as sample } from '../../live/samples';
import { filtersOf, mayBeListed, moreCount, NO_FILTERS, paramsOf, queryOf } from './filters';

const of = (text: string) => filtersOf(new URLSearchParams(text));

describe('filters in the address', () => {
  it('come back as they were written', () => {
    const text =
      'from=2026-11-21T09%3A00%3A00.000Z&to=2026-11-21T10%3A00%3A00.000Z&verdict=breached' +
      '&verdict=abandoned&pbx=lyon&queue=support&exit=timeout&agent=Zo%C3%A9&caller=0612345612' +
      '&reason=abandoned_late&handled_by=nobody&observed=partial&short=false&min_wait=60' +
      '&max_wait=90.5&search=56+12';
    expect(paramsOf(of(text)).toString()).toBe(text);
  });

  it('leave out what makes no sense', () => {
    const text = 'from=yesterday&verdict=maybe&exit=vanished&min_wait=-3&max_wait=0&short=1&x=y';
    expect(of(text)).toEqual(NO_FILTERS);
  });

  it('prefer a range that moves with the day, and ask for its moments', () => {
    const filters = of('range=today&from=2026-01-01T00:00:00Z&queue=support');
    expect(paramsOf(filters).toString()).toBe('range=today&queue=support');
    const query = queryOf(filters, Date.parse('2026-11-21T23:30:00Z'), 'Europe/Paris');
    expect(query.get('from')).toBe('2026-11-21T23:00:00.000Z');
    expect(query.get('to')).toBe('2026-11-22T23:00:00.000Z');
    expect(query.has('range')).toBe(false);
  });

  it('are counted where they are out of sight', () => {
    expect(moreCount(of('queue=support&search=12&range=today&verdict=met'))).toBe(0);
    expect(moreCount(of('exit=full&min_wait=0&pbx=lyon'))).toBe(3);
  });
});

describe('a live call', () => {
  const call = sample('lab:1', { verdict: 'pending' });
  const arrived = Date.parse(call.arrived_at);
  const listed = (text: string) => mayBeListed(call, of(text), arrived, arrived + 1);

  it('may be listed where the page can tell', () => {
    expect(listed('')).toBe(true);
    expect(listed('verdict=pending&verdict=met')).toBe(true);
    expect(listed('verdict=met')).toBe(false);
    expect(listed('queue=nowhere')).toBe(false);
    expect(listed('pbx=nowhere')).toBe(false);
    expect(mayBeListed(call, NO_FILTERS, arrived + 1, arrived + 2)).toBe(false);
  });

  it('is left to the server where it cannot', () => {
    expect(listed('search=12')).toBe(false);
    expect(listed('min_wait=3')).toBe(false);
  });
});
