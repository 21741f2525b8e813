import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import styles from './Notice.module.css';

/** The words for what went wrong: the server's own sentence where it sent one. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('error.unexpected', { status: '?' });
    if (error.message !== '') return error.message;
    return error.status === 0
      ? t('error.network')
      : t('error.unexpected', { status: error.status });
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
