import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import type { FieldCode } from '../../api/types';
import { i18next } from '../../i18n';
import type en from '../../i18n/en';
import { useErrorText } from '../../shell/Notice';

type Code = keyof (typeof en)['settings']['error'];

const isKnown = (code: string): code is Code =>
  code !== '' && i18next.exists(`settings.error.${code}`);

/** What went wrong, in the page's language; the server's own sentence where it is newer. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  const plain = useErrorText();
  return (error) => {
    if (error instanceof ApiError && isKnown(error.code)) return t(`settings.error.${error.code}`);
    return plain(error);
  };
}

type Wrong = keyof (typeof en)['settings']['wrong'];

const isWrong = (code: string): code is Wrong => i18next.exists(`settings.wrong.${code}`);

/** The words for one complaint: by code and field, by code, else the server's own sentence. */
export function wordsOf(
  t: TFunction,
  language: string,
  path: string,
  text: string,
  found: FieldCode | undefined,
): string {
  const field = path.split('.').at(-1) ?? '';
  const key = found && [`${found.code}_${field}`, found.code].find(isWrong);
  if (key === undefined) return language === 'en' ? text : t('settings.wrong.other', { text });
  const number = new Intl.NumberFormat(language);
  const params = Object.entries(found?.params ?? {}).map(([name, value]) => [
    name,
    typeof value === 'number' ? number.format(value) : value,
  ]);
  return t(`settings.wrong.${key}`, Object.fromEntries(params));
}

/** The server's complaints, by field, in the page's language; empty for any other failure. */
export function useFieldErrors(): (error: unknown) => Readonly<Record<string, string>> {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError) || error.status !== 422) return {};
    const { fields, fieldCodes } = error;
    const language = i18n.resolvedLanguage ?? 'en';
    return Object.fromEntries(
      Object.entries(fields).map(([path, text]) => [
        path,
        wordsOf(t, language, path, text, fieldCodes[path]),
      ]),
    );
  };
}

/** Somebody else was faster. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 409;
