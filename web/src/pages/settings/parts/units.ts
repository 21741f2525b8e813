import { useTranslation } from 'react-i18next';

export interface Units {
  /** `33.75 s`, in the page's language. */
  seconds(value: number): string;
  /** `95 %` of 0.95; up to one decimal. */
  share(value: number): string;
}

/** Numbers of settings, as exact as they were written. */
export function useUnits(): Units {
  const { i18n } = useTranslation();
  const language = i18n.resolvedLanguage ?? 'en';
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  return {
    seconds: (value) => `${number.format(value)}\u202fs`,
    share: (value) => `${number.format(value * 100)}\u202f%`,
  };
}
