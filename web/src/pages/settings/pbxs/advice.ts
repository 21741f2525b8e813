/** The words for what a connection test found: what is wrong, and what to do; pure. */
import type { TFunction } from 'i18next';
import type { PbxCheck } from '../../../api/types';
import { i18next } from '../../../i18n';
import type en from '../../../i18n/en';

type Check = PbxCheck;
type Name = keyof (typeof en)['settings']['checked'];
type Advice = keyof (typeof en)['settings']['advice'];

const isName = (code: string): code is Name => i18next.exists(`settings.checked.${code}`);
const isAdvice = (code: string): code is Advice => i18next.exists(`settings.advice.${code}`);

/** What was looked at. */
export const checkName = (t: TFunction, { code }: Pick<Check, 'code'>): string =>
  isName(code) ? t(`settings.checked.${code}`) : code;

/** Names and numbers as they stand in a sentence. */
function params(language: string, given: Check['params']): Record<string, string> {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value.join(', ')];
      return [
        key,
        typeof value === 'number'
          ? number.format(Math.round(value * 10) / 10 || 0)
          : String(value ?? ''),
      ];
    }),
  );
}

/**
 * One sentence or two; empty where all is well and nothing is to be told.
 *
 * The most exact words are taken: by code, reason and status, then by code and one of them, then by
 * code alone. `rules` that need what is missing are named after it.
 */
export function adviceOf(t: TFunction, language: string, check: Check): string {
  const { code, status } = check;
  const said = params(language, check.params);
  const reason = said.reason ?? said.how ?? '';
  const isWrong = status === 'failed' || status === 'warning';
  const keys = [`${code}_${reason}`, `${code}_${status}`, ...(isWrong ? [code, family(code)] : [])];
  if (status === 'skipped') keys.push(`skipped_${reason}`, 'skipped');
  if (status === 'ok') keys.push(`ok_${code}`);
  const key = keys.find(isAdvice);
  if (key === undefined) return '';
  const text = t(`settings.advice.${key}`, { ...said, name: checkName(t, check) });
  const needed =
    isWrong && (said.rules ?? '') !== ''
      ? ` ${t('settings.advice.rules', { rules: said.rules })}`
      : '';
  return `${text}${needed}`;
}

/** `read_call` is one of the `read` checks. */
const family = (code: string): string => code.split('_')[0] ?? code;
