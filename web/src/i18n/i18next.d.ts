import 'i18next';
import type en from './en';
import type later from './en/later';

/** Makes a key that does not exist a type error. */
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en & typeof later };
  }
}
