import { useTranslation } from 'react-i18next';

const LOCALES: Record<string, string> = { en: 'en-GB', fr: 'fr-FR' };

/** A day of UTC in words, whatever the centre's zone: `19 November 2026`. */
export function useDayText(month: 'long' | 'short' = 'long'): (day: string) => string {
  const language = useTranslation().i18n.resolvedLanguage ?? 'en';
  const format = new Intl.DateTimeFormat(LOCALES[language] ?? language, {
    day: 'numeric',
    month,
    year: 'numeric',
    timeZone: 'UTC',
  });
  return (day) => format.format(Date.parse(day));
}
