import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import { i18next } from '../i18n';
import type en from '../i18n/en';
import styles from './Notice.module.css';

type Code = keyof (typeof en)['error']['code'];

const isKnown = (code: string): code is Code => code !== '' && i18next.exists(`error.code.${code}`);

/**
 * The words for what went wrong, by the server's code. Its own sentence, which is in English, where
 * the page has none; on a page in another language only beside what is said in that.
 */
export function useErrorText(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('error.unexpected', { status: '?' });
    const { code, status, message } = error;
    if (status === 0) return t('error.network');
    if (isKnown(code)) return t(`error.code.${code}`);
    if (i18n.resolvedLanguage === 'en' && message !== '') return message;
    const words = t('error.unexpected', { status });
    return message === '' ? words : `${words} (${message})`;
  };
}

export function Notice({ children }: { children: ReactNode }) {
  return <div className={styles.notice}>{children}</div>;
}

export function ErrorNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  return (
    <div className={styles.notice} role="alert">
      <p>{text(error)}</p>
      <Button variant="default" onClick={retry}>
        {t('app.retry')}
      </Button>
    </div>
  );
}
