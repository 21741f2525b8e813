import { useTranslation } from 'react-i18next';
import { type Format, formatFor } from './format';

/** The formats of the language that is shown. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return formatFor(i18n.resolvedLanguage ?? 'en');
}
