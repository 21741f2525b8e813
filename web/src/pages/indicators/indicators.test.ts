import { describe, expect, it } from 'vitest';
import type { Session } from '../../api/types';
import { binned } from './bins';
import { grouped } from './groups';
import { callsOf } from './links';
import { periodOf, wholeMonths } from './period';
import type { Asked, Definition, Part } from './queries';

const ZONE = 'Europe/Paris';
const NOW = Date.parse('2026-11-22T12:00:00Z');

const definition = (more: Partial<Definition>): Definition => ({
  code: 'met',
  of: 'calls',
  unit: 'count',
  numerator: '',
  denominator: '',
  source: '',
  calls: { verdict: 'met' },
  ...more,
});
const asked = (more: Partial<Asked> = {}): Asked => ({
  range: wholeMonths(1, NOW, ZONE),
  pbx: null,
  queue: null,
  by: null,
  ...more,
});
const value = (many: number | null) => ({
  value: many,
  numerator: null,
  denominator: null,
  low: null,
  high: null,
});
const part = (more: Partial<Part>): Part => ({
  pbx: null,
  queue: null,
  starts_at: null,
  ends_at: null,
  values: {},
  ...more,
});
const all = { queues: null } as Session;

describe('periods', () => {
  it('are whole months by the centre’s calendar', () => {
    expect(wholeMonths(6, NOW, ZONE)).toMatchObject({ first: '2026-05-01', last: '2026-10-31' });
    expect(new Date(wholeMonths(6, NOW, ZONE).from).toISOString()).toBe('2026-04-30T22:00:00.000Z');
    expect(wholeMonths(12, Date.parse('2026-12-31T23:30:00Z'), ZONE)).toMatchObject({
      first: '2026-01-01',
      last: '2026-12-31',
    });
  });

  it('come from the address, where that makes sense', () => {
    const of = (text: string) => periodOf(new URLSearchParams(text), '6m', NOW, ZONE);
    expect(of('')).toMatchObject({ name: '6m', range: { first: '2026-05-01' } });
    expect(of('range=lastMonth')).toMatchObject({ name: 'lastMonth', range: { days: 31 } });
    expect(of('range=7d')).toMatchObject({ name: null, range: { days: 7 } });
    expect(of('from=2026-11-03&to=2026-11-02')).toMatchObject({
      name: null,
      range: { first: '2026-11-02', last: '2026-11-03' },
    });
    expect(of('from=x&to=2026-11-02&range=never').name).toBe('6m');
  });
});

describe('figures', () => {
  const filters = (link: string | null) =>
    link === null ? null : [...new URLSearchParams(link.split('?')[1])].slice(2);

  it('lead to the calls that they count', () => {
    expect(filters(callsOf(definition({}), value(3), asked({ pbx: 'lab' }), null, all))).toEqual([
      ['pbx', 'lab'],
      ['verdict', 'met'],
    ]);
    const rate = definition({ code: 'commitment_rate', unit: 'ratio', calls: null });
    expect(filters(callsOf(rate, value(0.9), asked(), null, all))).toEqual([
      ['verdict', 'met'],
      ['verdict', 'breached'],
    ]);
  });

  it('lead nowhere where no filter means exactly these', () => {
    const none = [
      callsOf(definition({ calls: null }), value(3), asked(), null, all),
      callsOf(definition({}), value(0), asked(), null, all),
      callsOf(definition({}), undefined, asked(), null, all),
      callsOf(definition({}), value(3), asked({ queue: 'support' }), null, all),
      callsOf(definition({}), value(3), asked(), part({ pbx: 'lab', queue: 'support' }), all),
      callsOf(definition({}), value(3), asked(), null, { queues: [] } as unknown as Session),
      callsOf(definition({ of: 'voice' }), value(3), asked(), null, all),
    ];
    expect(none).toEqual(none.map(() => null));
  });

  it('of visits lead to the calls with such a visit to the queue', () => {
    const answered = definition({ of: 'visits', calls: { exit: 'answered' } });
    const where = part({ pbx: 'lab', queue: 'support' });
    expect(filters(callsOf(answered, value(3), asked(), where, all))).toEqual([
      ['pbx', 'lab'],
      ['queue', 'support'],
      ['exit', 'answered'],
    ]);
    const month = part({ starts_at: '2026-10-01T00:00:00Z', ends_at: '2026-11-01T00:00:00Z' });
    expect(callsOf(answered, value(3), asked(), month, all)).toContain('from=2026-10-01T00');
  });
});

describe('the table', () => {
  it('keeps what it does not know', () => {
    const found = grouped([definition({ code: 'brand_new' }), definition({ code: 'met' })]);
    expect(found.map(([group, members]) => [group, members.map(({ code }) => code)])).toEqual([
      ['commitment', ['met']],
      ['other', ['brand_new']],
    ]);
  });
});

describe('waits', () => {
  it('are put together in steps that end on a whole second', () => {
    const bins = binned({ '0': 1, '5': 2, '6': 4, '60': 8, '61': 16, '180': 32, '181': 64 });
    const many = (upTo: number | null) => bins.find((bin) => bin.upTo === upTo)?.many;
    expect([many(5), many(10), many(60), many(65), many(180), many(null)]).toEqual([
      3, 4, 8, 16, 32, 64,
    ]);
  });
});
