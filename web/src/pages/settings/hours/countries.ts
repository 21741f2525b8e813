import { useTranslation } from 'react-i18next';
import { i18next } from '../../../i18n';
import type en from '../../../i18n/en';

/** Offered in the form; the server knows many more, and takes any of them. */
export const COUNTRIES = [
  'FR', 'BE', 'CH', 'LU', 'MC', 'CA', 'DE', 'AT', 'ES', 'PT', 'IT', 'NL', 'GB', 'IE',
  'DK', 'SE', 'NO', 'FI', 'PL', 'CZ', 'RO', 'GR', 'MA', 'TN', 'DZ', 'SN', 'CI', 'US',
] as const; // biome-ignore format: a list of codes

/** `FR` → `France`, in the page's language. */
export function useCountryName(): (code: string) => string {
  const { i18n } = useTranslation();
  const names = new Intl.DisplayNames([i18n.resolvedLanguage ?? 'en'], {
    type: 'region',
    fallback: 'code',
  });
  return (code) => (/^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code);
}

type Part = keyof (typeof en)['settings']['part'];
const isPart = (key: string): key is Part => i18next.exists(`settings.part.${key}`);

/** A part of a country, by its ISO code; a code that is not known stands as it is. */
export function usePartName(): (country: string, code: string) => string {
  const { t } = useTranslation();
  return (country, code) => {
    const key = `${country}_${code}`;
    return isPart(key) ? t(`settings.part.${key}`) : code;
  };
}
