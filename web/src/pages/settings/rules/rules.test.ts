import { afterAll, describe, expect, it } from 'vitest';
import type { OverflowRule, Simulation } from '../../../api/types';
import { i18next } from '../../../i18n';
import { effectOf, linesOf } from './backtest-result';
import {
  emptyCondition,
  IN_STATE,
  NEW_RULE,
  type RuleForm,
  slug,
  stateOf,
  toBody,
  toForm,
} from './body';
import { checkRule } from './check';
import { ruleWords } from './sentence';

const LABELS: Record<string, string> = { support: 'Support', backup: 'Back office' };

function words(language: string) {
  void i18next.changeLanguage(language);
  return ruleWords(i18next.t, language, (queue) => LABELS[queue] ?? queue);
}

afterAll(() => void i18next.changeLanguage('en'));

const RULE: OverflowRule = {
  ...toBody({ ...NEW_RULE, id: 'support-to-backup', queues: ['support'] }),
  when: [{ metric: 'time_left', at_least: 8, at_most: 25, one_of: [], none_of: [] }],
  do: { withdraw: { context: 'overflow', exten: 'backup', priority: 1, queue: 'backup' } },
};

describe('a rule in words', () => {
  it('says when, and what it does', () => {
    expect(words('en').rule(RULE)).toBe(
      'When between 8\u202fs and 25\u202fs are left: move callers of Support to Back office.',
    );
    expect(words('fr').rule(RULE)).toBe(
      'Quand il reste entre 8\u202fs et 25\u202fs\u202f: déplacer les appelants de Support vers Back office.',
    );
  });

  it('says nobody where the limit is none', () => {
    const rule = {
      ...RULE,
      when: [{ metric: 'agents_available' as const, at_most: 0, one_of: [], none_of: [] }],
    };
    expect(words('en').rule(rule)).toMatch(/^When no agent is free:/);
  });

  it('says when what lasts ends', () => {
    const rule: OverflowRule = {
      ...RULE,
      when: [{ metric: 'waiting', at_least: 7, release_below: 4, one_of: [], none_of: [] }],
      do: {
        add_members: [{ interface: 'PJSIP/207', name: 'Giulia', penalty: 2, state_interface: '' }],
      },
    };
    expect(words('en').rule(rule)).toBe(
      'When at least 7 callers wait: have Giulia help in Support. It ends once under 4 callers wait.',
    );
  });

  it('names the place where it leads into no queue, every queue, hours and shares', () => {
    const rule: OverflowRule = {
      ...RULE,
      queues: ['*'],
      when: [{ metric: 'service_level', at_most: 0.8, one_of: [], none_of: [] }],
      active: [{ days: ['mon-wed', 'sun'], from: '08:00', to: '24:00' }],
      do: { withdraw: { context: 'night', exten: 's', priority: 1, queue: '' } },
    };
    expect(words('en').rule(rule)).toBe(
      'When the service level is at most 80\u202f% and it is Mon–Wed, Sun 08:00–24:00: move callers of every queue to night,s,1.',
    );
  });

  it('shows a gap where something is not written yet', () => {
    expect(words('en').rule(toBody(NEW_RULE))).toBe('When … are left: move callers of … to ….');
  });
});

describe('a rule in the form', () => {
  it('comes back as it was', () => {
    expect(toBody(toForm(RULE))).toMatchObject({
      id: RULE.id,
      queues: RULE.queues,
      do: RULE.do,
      when: [{ metric: 'time_left', at_least: 8, at_most: 25 }],
    });
  });

  it('keeps what was written for another action, and sends only the chosen one', () => {
    const form: RuleForm = { ...toForm(RULE), kind: 'prioritise' };
    expect(toBody(form).do).toEqual({ prioritise: 10 });
    expect(toBody({ ...form, kind: 'withdraw' }).do).toEqual(RULE.do);
  });

  it('sends release limits only with what lasts, and only beside their own limit', () => {
    const when = [
      { ...emptyCondition('waiting'), at_least: 7, release_below: 4, release_above: 9 },
    ];
    const lasting = toBody({ ...NEW_RULE, kind: 'lamp', when });
    expect(lasting.when[0]).toMatchObject({ release_below: 4, release_above: null });
    const once = toBody({ ...NEW_RULE, kind: 'withdraw', when });
    expect(once.when[0]).toMatchObject({ release_below: null });
  });

  it('asks only where a caller is withdrawn', () => {
    expect(toBody({ ...NEW_RULE, how: 'ask', kind: 'lamp' }).how).toBe('tell');
  });

  it('begins as a draft that does nothing', () => {
    expect(stateOf(toBody(NEW_RULE))).toBe('draft');
    for (const state of ['draft', 'dry_run', 'armed', 'paused'] as const) {
      expect(stateOf(IN_STATE[state])).toBe(state);
    }
  });

  it('makes an id of a name', () => {
    expect(slug('Trop d’attente à l’accueil !')).toBe('trop-d-attente-a-l-accueil');
  });
});

describe('the check before sending', () => {
  it('finds what is missing, under the names that the server uses', () => {
    expect(checkRule(NEW_RULE)).toEqual({
      id: 'slug',
      queues: 'queues',
      'do.withdraw.context': 'missing',
      'when.0.at_least': 'limits',
    });
    expect(checkRule(toForm(RULE))).toEqual({});
  });

  it('finds limits on the wrong side, and a rule that leads back', () => {
    const form = toForm(RULE);
    const when = [{ ...emptyCondition('waiting'), at_least: 7, release_below: 9 }];
    expect(checkRule({ ...form, kind: 'lamp', when })).toMatchObject({
      'when.0.release_below': 'release_below',
    });
    const back = { ...form, queues: ['backup'] };
    expect(checkRule(back)).toEqual({ queues: 'same_queue' });
  });

  it('finds a rule that would always act', () => {
    expect(checkRule({ ...toForm(RULE), when: [] })).toEqual({ when: 'always' });
  });
});

describe('what a backtest found', () => {
  it('calls saved who would have been met, and worsened who would not', () => {
    expect(effectOf('breached', 'met')).toBe('saved');
    expect(effectOf('abandoned', 'met')).toBe('saved');
    expect(effectOf('met', 'breached')).toBe('worsened');
    expect(effectOf('abandoned', 'breached')).toBe('worsened');
    expect(effectOf('breached', 'unknown')).toBe('unknown');
    expect(effectOf('breached', 'breached')).toBe('same');
  });

  it('lists those moved and those behind them by their arrival', () => {
    const call = (id: string, arrived_at: string) => ({
      call_id: id,
      pbx: 'lab',
      queue: 'support',
      arrived_at,
      waited_s: 61,
      before: 'breached' as const,
      after: 'met' as const,
    });
    const found = {
      moved_calls: [
        {
          ...call('b', '2026-11-21T09:00:02Z'),
          to: RULE.do.withdraw,
          wait_there_s: 3,
        },
      ],
      affected_calls: [call('a', '2026-11-21T09:00:01Z')],
    } as unknown as Simulation;
    expect(linesOf(found).map(({ id, moved }) => [id, moved?.to ?? null])).toEqual([
      ['a', null],
      ['b', 'backup'],
    ]);
  });
});
