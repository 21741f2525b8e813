import { afterAll, describe, expect, it } from 'vitest';
import { formatFor } from '../../../format/format';
import { i18next } from '../../../i18n';
import { differences, isSame, merged } from '../../../ui/form/same';
import { ruleWords } from '../rules/sentence';
import { diffWords } from './diff-words';

const words = (language: string) => {
  void i18next.changeLanguage(language);
  return diffWords(
    i18next.t,
    language,
    ruleWords(i18next.t, language, (queue) => queue),
  );
};

afterAll(() => void i18next.changeLanguage('en'));

describe('what differs', () => {
  it('is told field by field, from the inside of objects too', () => {
    const before = { host: 'a', port: 5038, ari: { url: 'x', app: 'm' } };
    const after = { host: 'b', port: 5038, ari: { url: 'y', app: 'm' } };
    expect(differences(before, after)).toEqual([
      { path: 'host', before: 'a', after: 'b' },
      { path: 'ari.url', before: 'x', after: 'y' },
    ]);
  });

  it('takes a list as one value, and nothing for nothing', () => {
    expect(differences({ contexts: ['a'] }, { contexts: ['b', 'a'] })).toEqual([
      { path: 'contexts', before: ['a'], after: ['b', 'a'] },
    ]);
    expect(differences({ target: null }, {})).toEqual([]);
  });

  it('tells a whole thing that was created or deleted', () => {
    expect(differences(null, { name: 'support' })).toEqual([
      { path: 'name', before: undefined, after: 'support' },
    ]);
    expect(differences({ name: 'support' }, null)).toHaveLength(1);
  });

  it('knows that the order of keys says nothing, and that of a list does', () => {
    expect(isSame({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(isSame([1, 2], [2, 1])).toBe(false);
  });
});

describe('my changes on top of theirs', () => {
  it('keep what I changed, and take all else from them', () => {
    const base = { within: 60, label: 'Support', target: 0.9 };
    const mine = { within: 45, label: 'Support', target: 0.9 };
    const theirs = { within: 50, label: 'Help', target: 0.9 };
    expect(merged(base, mine, theirs)).toEqual({ within: 45, label: 'Help', target: 0.9 });
  });
});

describe('values in words', () => {
  it('have their units, in both languages', () => {
    expect(words('en').value('within', 45)).toBe('45\u202fs');
    expect(words('fr').value('at_risk_after', 33.75)).toBe('33,75\u202fs');
    expect(words('en').value('target', 0.95)).toBe('95\u202f%');
    expect(words('fr').value('dry_run', true)).toBe('oui');
    expect(words('en').value('starts_on', 'queue_joined')).toBe('joining the queue');
  });

  it('say conditions, actions and hours as sentences do', () => {
    const { value } = words('en');
    expect(value('when', [{ metric: 'time_left', at_most: 20, one_of: [], none_of: [] }])).toBe(
      'at most 20\u202fs are left',
    );
    expect(value('do', { prioritise: 10 })).toBe('Move a caller forward in line (10)');
    expect(value('active', [{ days: ['mon-fri'], from: '09:00', to: '18:00' }])).toBe(
      'Mon–Fri 09:00–18:00',
    );
  });

  it('call a field by its own name where it has one, else by its last part', () => {
    const { field } = words('en');
    expect(field('ari.password')).toBe('Password');
    expect(field('within')).toBe('Threshold');
    expect(field('something_new')).toBe('something_new');
  });

  it('use the formats of the language', () => {
    expect(formatFor('fr').percent(0.5)).toContain(',');
  });
});
