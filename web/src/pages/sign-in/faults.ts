/** What the server says about accounts, by its codes, in the page's language. */
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { i18next } from '../../i18n';
import type en from '../../i18n/en';
import { useErrorText } from '../../shell/Notice';

type Code = keyof (typeof en)['fault'];

const isKnown = (code: string): code is Code => code !== '' && i18next.exists(`fault.${code}`);

export interface Fault {
  /** In words. */
  readonly text: string;
  /** The field that it is about; empty where it is about none. */
  readonly field: string;
}

/** The words for what went wrong, and the field that they belong to. */
export function useFault(): (error: unknown) => Fault {
  const words = useFaultText();
  const plain = useErrorText();
  return (error) => {
    if (!(error instanceof ApiError)) return { text: plain(error), field: '' };
    const field = Object.keys(error.fields)[0] ?? '';
    return { text: words(error.code) ?? plain(error), field };
  };
}

/** The words for a code; null for one that is newer than this page. */
export function useFaultText(): (code: string) => string | null {
  const { t } = useTranslation();
  return (code) => (isKnown(code) ? t(`fault.${code}`) : null);
}
