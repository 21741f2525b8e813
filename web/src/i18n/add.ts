import { i18next } from './index';

/**
 * Adds the texts of a page that is loaded when it is wanted.
 *
 * What every page needs is loaded with the first; that stays small when a part is not in it.
 */
export function addTexts(en: object, fr: object): void {
  for (const [language, texts] of Object.entries({ en, fr })) {
    i18next.addResourceBundle(language, 'translation', texts, true, true);
  }
}
