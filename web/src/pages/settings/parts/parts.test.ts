import { describe, expect, it } from 'vitest';
import type { CalendarSettings, PbxCheck, PbxItem } from '../../../api/types';
import { i18next } from '../../../i18n';
import { queryOf } from '../changes/ChangesSection';
import { localMoment, openAt } from '../hours/open-now';
import { adviceOf, checkName } from '../pbxs/advice';
import { undeclared } from '../queues/seen';
import {
  calendarBody,
  commitmentBody,
  commitmentForm,
  NEW_CALENDAR,
  NEW_QUEUE,
  pbxBody,
  pbxForm,
  secretsAnew,
  withoutNulls,
} from './bodies';
import { clockOf, daysOf, wordsOf } from './days';

describe('weekdays', () => {
  it('are read as ranges, also over the end of the week, and written as ranges', () => {
    expect(daysOf(['mon-wed', 'Sun'])).toEqual(['mon', 'tue', 'wed', 'sun']);
    expect(daysOf(['sat-mon'])).toEqual(['mon', 'sat', 'sun']);
    expect(wordsOf(['mon', 'tue', 'wed', 'fri', 'sat'])).toEqual(['mon-wed', 'fri', 'sat']);
    expect(wordsOf(daysOf(['mon-fri']))).toEqual(['mon-fri']);
  });
});

describe('times of day', () => {
  it('are understood as people type them', () => {
    expect(['9', '930', '9:30', '18h30', ' 24 '].map(clockOf)).toEqual([
      '09:00',
      '09:30',
      '09:30',
      '18:30',
      '24:00',
    ]);
    expect(['', '25', '12:60', '24:01', 'noon'].map(clockOf)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('opening hours', () => {
  const calendar: CalendarSettings = {
    ...NEW_CALENDAR,
    hours: [{ days: ['mon-fri'], from: '09:00', to: '18:00' }],
    holidays: 'FR',
    closed: ['2026-12-24', '2026-08-01/2026-08-15'],
    open: [{ date: '2026-12-24', from: '10:00', to: '12:00' }],
  };
  const at = (date: string, weekday: number, time: string) =>
    openAt(calendar, { date, weekday, time }, ['2026-12-25']);

  it('are those of the week, from the first moment on and not at the last', () => {
    expect(at('2026-11-23', 0, '09:00')).toEqual({ open: true, why: 'week' });
    expect(at('2026-11-23', 0, '18:00')).toEqual({ open: false, why: 'week' });
    expect(at('2026-11-22', 6, '10:00').open).toBe(false);
  });

  it('give way to holidays, closed days and exceptions, in this order', () => {
    expect(at('2026-12-25', 4, '10:00')).toEqual({ open: false, why: 'holiday' });
    expect(at('2026-08-10', 0, '10:00')).toEqual({ open: false, why: 'closed_day' });
    expect(at('2026-12-24', 3, '11:00')).toEqual({ open: true, why: 'exception' });
    expect(at('2026-12-24', 3, '15:00')).toEqual({ open: false, why: 'exception' });
  });

  it('are told by the clocks of the centre, whatever the browser’s are', () => {
    const moment = new Date('2026-10-25T01:30:00Z');
    expect(localMoment(moment, 'Europe/Paris')).toEqual({
      date: '2026-10-25',
      weekday: 6,
      time: '02:30',
    });
    expect(localMoment(moment, 'America/Montreal').date).toBe('2026-10-24');
  });

  it('lose what belongs to a country with the country', () => {
    const form = {
      ...calendar,
      subdivision: '57',
      holidays_hours: [{ from: '09:00', to: '12:00' }],
    };
    expect(calendarBody({ ...form, holidays: '' })).toMatchObject({
      subdivision: '',
      holidays_hours: [],
    });
    expect(calendarBody(form).subdivision).toBe('57');
  });
});

describe('a PBX in the form', () => {
  const stored = {
    name: 'lab',
    host: '127.0.0.1',
    port: 5038,
    username: 'minuteur',
    incoming_contexts: ['incoming'],
    queue_log: '',
    ari: { url: 'http://127.0.0.1:8088/ari', username: 'minuteur', app: 'minuteur' },
  };

  it('comes back as it was, and a secret that was not typed is left out', () => {
    expect(pbxBody(pbxForm(stored))).toEqual(stored);
    expect(pbxBody({ ...pbxForm(stored), secret: 'new' })).toEqual({ ...stored, secret: 'new' });
  });

  it('leaves out what is switched off', () => {
    expect(pbxBody({ ...pbxForm(stored), useAri: false, useTls: true })).toMatchObject({
      tls: { verify: true },
    });
    expect(pbxBody({ ...pbxForm(stored), useAri: false })).not.toHaveProperty('ari');
  });
});

describe('queues and the commitment', () => {
  it('leave out what says nothing', () => {
    expect(withoutNulls({ ...NEW_QUEUE, name: 'support', within: 45 })).toEqual({
      name: 'support',
      pbx: '',
      label: '',
      within: 45,
      calendar: '',
    });
  });

  it('keep the contexts of the welcome only where the clock starts at its end', () => {
    const form = commitmentForm({
      within: 60,
      short_abandon: 5,
      starts_on: 'welcome_end',
      welcome_contexts: ['welcome'],
      service_level: 'answered_only',
    });
    expect(commitmentBody(form).welcome_contexts).toEqual(['welcome']);
    expect(commitmentBody({ ...form, starts_on: 'arrival' }).welcome_contexts).toEqual([]);
  });

  it('are undeclared when no declaration covers them', () => {
    const seen = [
      { pbx: 'lab', name: 'support' },
      { pbx: 'lab', name: 'sales' },
      { pbx: 'lyon', name: 'sales' },
    ];
    const declared = [
      { ...NEW_QUEUE, name: 'support' },
      { ...NEW_QUEUE, name: 'sales', pbx: 'lab' },
    ];
    expect(undeclared(seen, declared)).toEqual([{ pbx: 'lyon', name: 'sales' }]);
  });
});

describe('what the connection test says', () => {
  const check = (code: string, status: PbxCheck['status'], params: PbxCheck['params'] = {}) =>
    adviceOf(i18next.t, 'en', { code, status, params });

  it('takes the most exact words', () => {
    expect(check('connect', 'failed', { reason: 'timeout' })).toMatch(/^Nothing answered/);
    expect(check('connect', 'failed', { reason: 'unreachable', said: 'refused' })).toMatch(
      /\(refused\)/,
    );
    expect(check('read_call', 'failed', { how: 'told' })).toMatch(/read = system,call/);
    expect(check('read_dtmf', 'warning')).toMatch(/add dtmf/);
    expect(check('read_call', 'skipped', { how: 'quiet' })).toMatch(/^Nothing happened/);
  });

  it('names the rules that need what is missing', () => {
    const params = { actions: ['Redirect'], rules: ['a', 'b'] };
    expect(check('write_call', 'failed', params)).toMatch(/Redirect.*Needed by: a, b\.$/);
  });

  it('says nothing where all is well, but a figure that is worth it', () => {
    expect(check('login', 'ok')).toBe('');
    expect(check('clock', 'ok', { offset_s: -0.004 })).toBe('0 s off');
  });

  it('shows a code that is newer than the page as it is', () => {
    expect(checkName(i18next.t, { code: 'brand_new' })).toBe('brand_new');
    expect(check('brand_new', 'ok')).toBe('');
  });
});

describe('the filter of changes', () => {
  it('means whole days where the centre is, also that of the change of the clocks', () => {
    const filter = { kind: '' as const, by: ' ', from: '2026-10-25', to: '2026-10-25' };
    expect(queryOf(filter, 'Europe/Paris', null)).toEqual({
      limit: 30,
      from: '2026-10-24T22:00:00.000Z',
      to: '2026-10-25T23:00:00.000Z',
    });
  });
});

describe('a stored secret', () => {
  const ari = { url: 'http://10.0.0.1:8088/ari', username: 'minuteur', app: 'minuteur' };
  const body = { name: 'lab', host: '10.0.0.1', port: 5038, username: 'minuteur', ari };
  const item = { body, has_secret: { secret: true, 'ari.password': true } } as unknown as PbxItem;
  const form = pbxForm(item.body);

  it('is typed anew for another address or account', () => {
    expect(secretsAnew(form, item)).toEqual([]);
    expect(secretsAnew({ ...form, host: '10.9.9.9' }, item)).toEqual(['secret']);
    expect(secretsAnew({ ...form, host: '10.9.9.9', secret: 'x' }, item)).toEqual([]);
    const moved = { ...form.ari, url: 'http://10.9.9.9:8088/ari' };
    expect(secretsAnew({ ...form, ari: moved }, item)).toEqual(['ari.password']);
  });
});
