import { useTranslation } from 'react-i18next';
import { type Format, formatFor } from './format';
import { useCentreZone } from './zone';

/** The formats of the language that is shown, in the centre's time zone. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return formatFor(i18n.resolvedLanguage ?? 'en', useCentreZone());
}
