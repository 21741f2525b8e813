import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
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

/** The server's complaints, by field; empty for any other failure. */
export const fieldErrors = (error: unknown): Readonly<Record<string, string>> =>
  error instanceof ApiError && error.status === 422 ? error.fields : {};

/** Somebody else was faster. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 409;
