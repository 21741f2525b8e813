import { useTranslation } from 'react-i18next';
import { i18next } from '../i18n';
import type en from '../i18n/en';

type Reason = keyof (typeof en)['reason'];

const isKnown = (code: string): code is Reason => i18next.exists(`reason.${code}`);

/** Puts a verdict's reason into words; a code that is newer than this page is shown as it is. */
export function useReason(): (code: string) => string {
  const { t } = useTranslation();
  return (code) => {
    if (code === '') return '';
    return isKnown(code) ? t(`reason.${code}`) : t('reasonUnknown', { code });
  };
}
