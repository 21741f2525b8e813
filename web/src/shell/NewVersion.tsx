import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import styles from './NewVersion.module.css';
import { useNewVersion } from './new-version';

/** Offers to load the page anew; what somebody is doing just now is not taken away. */
export function NewVersion() {
  const { t } = useTranslation();
  const isNew = useNewVersion();
  return (
    <div role="status" className={isNew ? styles.note : 'sr-only'}>
      {isNew && (
        <>
          {t('shell.newVersion')}
          <Button size="compact-sm" onClick={() => window.location.reload()}>
            {t('shell.reload')}
          </Button>
        </>
      )}
    </div>
  );
}
