/** Fields and values of settings in words, for what is compared. */
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Action, Condition, OpeningHours } from '../../../api/types';
import { i18next } from '../../../i18n';
import type en from '../../../i18n/en';
import { kindOf } from '../rules/body';
import { type RuleWords, useRuleWords } from '../rules/sentence';

type Field = keyof (typeof en)['settings']['field'];
type Value = keyof (typeof en)['settings']['value'];

const isField = (key: string): key is Field => i18next.exists(`settings.field.${key}`);
const isValue = (key: string): key is Value => i18next.exists(`settings.value.${key}`);

const SECONDS = new Set(['within', 'at_risk_after', 'short_abandon', 'cool_down', 'per']);
const SHARES = new Set(['target']);

export interface DiffWords {
  field(path: string): string;
  /** Empty where there is nothing. */
  value(path: string, value: unknown): string;
}

export function diffWords(t: TFunction, language: string, rules: RuleWords): DiffWords {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });

  const plain = (path: string, value: unknown): string => {
    const key = path.split('.').at(-1) ?? path;
    if (value == null || value === '') return '';
    if (typeof value === 'boolean') return t(value ? 'settings.form.yes' : 'settings.form.no');
    if (typeof value === 'number') {
      if (SECONDS.has(key)) return `${number.format(value)}\u202fs`;
      return SHARES.has(key) ? `${number.format(value * 100)}\u202f%` : number.format(value);
    }
    if (typeof value === 'string') {
      const word = `${key}_${value}`;
      return isValue(word) ? t(`settings.value.${word}`) : value;
    }
    if (Array.isArray(value)) return value.map((one) => plain(path, one)).join(', ');
    return Object.entries(value)
      .map(([name, one]) => [name, plain(`${path}.${name}`, one)])
      .filter(([, text]) => text !== '')
      .map(([name, text]) => `${fieldName(t, `${path}.${name}`)} ${text}`)
      .join(' · ');
  };

  return {
    field: (path) => fieldName(t, path),
    value: (path, value) => {
      if (path === 'when' && Array.isArray(value)) {
        return value.map((one) => rules.condition(one as Condition)).join(' · ');
      }
      if (path === 'active' && Array.isArray(value)) return rules.hours(value as OpeningHours[]);
      if (path === 'do' && typeof value === 'object' && value !== null) {
        const kind = kindOf(value as Action);
        const details = plain(`do.${kind}`, (value as Action)[kind]);
        return `${t(`settings.action.${kind}`)} (${details})`;
      }
      return plain(path, value);
    },
  };
}

/** The longest end of a path that has a name: `ari.url`, else `url`. */
function fieldName(t: TFunction, path: string): string {
  const parts = path.split('.');
  for (let n = 0; n < parts.length; n += 1) {
    const key = parts.slice(n).join('_');
    if (isField(key)) return t(`settings.field.${key}`);
  }
  return path;
}

export function useDiffWords(): DiffWords {
  const { t, i18n } = useTranslation();
  const rules = useRuleWords();
  const language = i18n.resolvedLanguage ?? 'en';
  return useMemo(() => diffWords(t, language, rules), [t, language, rules]);
}
