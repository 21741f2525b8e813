import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { i18next } from '../../i18n';
import type texts from '../../i18n/en/contacts.json';
import { useErrorText } from '../../shell/Notice';

type Code = keyof (typeof texts)['contacts']['error'];

const isKnown = (code: string): code is Code =>
  code !== '' && i18next.exists(`contacts.error.${code}`);

/** What went wrong, and at which field; an empty field: not at one. */
export interface ContactFault {
  readonly field: string;
  readonly text: string;
}

export function useContactFault(): (error: unknown) => ContactFault {
  const { t } = useTranslation();
  const plain = useErrorText();
  return (error) => {
    if (!(error instanceof ApiError)) return { field: '', text: plain(error) };
    const field = Object.keys(error.fields)[0] ?? '';
    const text = isKnown(error.code) ? t(`contacts.error.${error.code}`) : plain(error);
    return { field, text };
  };
}
