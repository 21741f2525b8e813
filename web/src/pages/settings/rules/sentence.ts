/** A rule in plain words, in the page's language. */
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Action, Condition, OpeningHours, OverflowRule } from '../../../api/types';
import { type Format, formatFor } from '../../../format/format';
import { useQueueLabel } from '../../../ui/queue-label';
import { daysOf, type Weekday, wordsOf } from '../parts/days';
import { kindOf, lasts, type Metric, unitOf } from './body';

export interface RuleWords {
  /** `When 20 s or less are left: move callers of Support to Back office.` */
  rule(rule: OverflowRule): string;
  action(action: Action, queues: readonly string[], voiceServers: readonly string[]): string;
  condition(condition: Condition): string;
  hours(hours: readonly OpeningHours[]): string;
  list(words: readonly string[]): string;
}

/** Stands for what is not written yet. */
const BLANK = '…';

const ZERO: readonly Metric[] = [
  'waiting',
  'agents_available',
  'agents_logged_in',
  'agents_paused',
];

/** Words for rules; `label` says what people call a queue. */
export function ruleWords(
  t: TFunction,
  language: string,
  label: (queue: string) => string,
): RuleWords {
  const format = formatFor(language);
  const list = (words: readonly string[]) =>
    words.length === 0
      ? BLANK
      : new Intl.ListFormat(language, { type: 'conjunction' }).format(words);

  const queuesOf = (patterns: readonly string[]) =>
    patterns.includes('*') ? t('settings.says.allQueues') : list(patterns.map(label));

  const place = (to: { context: string; exten: string; priority: number; queue: string }) =>
    to.queue === '' ? (to.context === '' ? BLANK : placeOf(to)) : label(to.queue);

  const action: RuleWords['action'] = (given, queues, voiceServers) => {
    const of = queuesOf(queues);
    if (given.withdraw != null) {
      return t('settings.does.withdraw', { queues: of, to: place(given.withdraw) });
    }
    if (given.redirect != null) {
      const servers = voiceServers.includes('*')
        ? t('settings.says.allVoiceServers')
        : list(voiceServers);
      return t('settings.does.redirect', { servers, to: place(given.redirect) });
    }
    if (given.prioritise != null) {
      return t('settings.does.prioritise', { queues: of, priority: given.prioritise });
    }
    if (given.add_members != null) {
      const names = given.add_members.map((one) => one.name || one.interface);
      return t('settings.does.add_members', {
        queues: of,
        members: list(names.filter((name) => name !== '')),
      });
    }
    if (given.penalty != null) {
      const { interfaces, penalty } = given.penalty;
      return t('settings.does.penalty', { queues: of, members: list(interfaces), penalty });
    }
    if (given.variable != null)
      return t('settings.does.variable', {
        name: given.variable.name || BLANK,
        on: given.variable.on,
      });
    if (given.database != null) {
      const { family, key, on } = given.database;
      return t('settings.does.database', { family, key, on });
    }
    const { name = '', on = '' } = given.lamp ?? {};
    return t('settings.does.lamp', { name, on });
  };

  const value = (metric: Metric, number: number) => measure(format, language, metric, number);

  const condition: RuleWords['condition'] = (given) => {
    const { metric, at_least, at_most } = given;
    if (metric === 'open') return t(`settings.says.${(at_least ?? 0) >= 1 ? 'open' : 'closed'}`);
    if (unitOf(metric) === 'words')
      return t(`settings.holds.${metric}`, { value: patterns(t, given, list) });
    if (at_most === 0 && !at_least && isZero(metric)) return t(`settings.zero.${metric}`);
    return t(`settings.holds.${metric}`, { value: limits(t, value, given) });
  };

  const until = (given: Condition): string | null => {
    const { metric, release_below, release_above } = given;
    const [key, limit] =
      release_below != null
        ? (['below', release_below] as const)
        : (['above', release_above] as const);
    if (limit == null || metric === 'open') return null;
    return t(`settings.holds.${metric}`, {
      value: t(`settings.says.${key}`, { value: value(metric, limit) }),
    });
  };

  const hours: RuleWords['hours'] = (spans) => spans.map((span) => spanText(t, span)).join(' · ');

  const rule: RuleWords['rule'] = (given) => {
    const kind = kindOf(given.do);
    const parts = [
      ...given.when.map(condition),
      ...(given.active.length > 0
        ? [t('settings.says.during', { hours: hours(given.active) })]
        : []),
    ];
    const does = action(given.do, given.queues, given.voice_servers);
    const sentence =
      parts.length === 0
        ? t('settings.says.always', { does })
        : t('settings.says.rule', { when: list(parts), does });
    const ends = lasts(kind) ? given.when.map(until).filter((one) => one !== null) : [];
    if (ends.length === 0) return sentence;
    return `${sentence} ${t('settings.says.until', { ends: list(ends) })}`;
  };

  return { rule, action, condition, hours, list };
}

const isZero = (
  metric: Metric,
): metric is 'waiting' | 'agents_available' | 'agents_logged_in' | 'agents_paused' =>
  ZERO.includes(metric);

export const placeOf = (to: { context: string; exten: string; priority: number }): string =>
  `${to.context},${to.exten},${to.priority}`;

/** A number of a metric with its unit; a share as a percentage. */
export function measure(format: Format, language: string, metric: Metric, value: number): string {
  const unit = unitOf(metric);
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  if (unit === 'seconds') return `${number.format(value)}\u202fs`;
  if (unit === 'share') return `${number.format(value * 100)}\u202f%`;
  return format.integer(value);
}

/** `at least 7`, `between 8 s and 25 s`. */
function limits(
  t: TFunction,
  value: (metric: Metric, number: number) => string,
  { metric, at_least, at_most }: Condition,
): string {
  if (at_least != null && at_most != null) {
    if (at_least === at_most) return t('settings.says.exactly', { value: value(metric, at_least) });
    const both = { low: value(metric, at_least), high: value(metric, at_most) };
    return t('settings.says.between', both);
  }
  if (at_least != null) return t('settings.says.atLeast', { value: value(metric, at_least) });
  return at_most == null ? BLANK : t('settings.says.atMost', { value: value(metric, at_most) });
}

function patterns(
  t: TFunction,
  given: Condition,
  list: (words: readonly string[]) => string,
): string {
  const parts = [];
  if (given.one_of.length > 0) {
    parts.push(t('settings.says.oneOf', { words: given.one_of.join(', ') }));
  }
  if (given.none_of.length > 0) {
    parts.push(t('settings.says.noneOf', { words: given.none_of.join(', ') }));
  }
  return parts.length === 0 ? BLANK : list(parts);
}

/** `["mon-fri", "sun"]` as words: `Mon–Fri, Sun`. */
export function daysText(t: TFunction, days: readonly string[]): string {
  return wordsOf(daysOf(days))
    .map((word) =>
      word
        .split('-')
        .map((day) => t(`settings.day.${day as Weekday}`))
        .join('–'),
    )
    .join(', ');
}

const spanText = (t: TFunction, { days, from, to }: OpeningHours): string =>
  `${daysText(t, days)} ${from.slice(0, 5)}–${to.slice(0, 5)}`;

export function useRuleWords(): RuleWords {
  const { t, i18n } = useTranslation();
  const label = useQueueLabel();
  const language = i18n.resolvedLanguage ?? 'en';
  return useMemo(() => ruleWords(t, language, label), [t, language, label]);
}
