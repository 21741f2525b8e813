import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Section.module.css';

/** Stays in sight while something is unsaved. */
export function SaveBar({
  dirty,
  saving,
  saved = false,
  onDiscard,
  children,
}: {
  dirty: boolean;
  saving: boolean;
  /** What was typed has just been saved. */
  saved?: boolean;
  onDiscard: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <div className={styles.bar} data-dirty={dirty}>
      <p className={styles.barWords} data-dirty={dirty} role="status">
        {dirty
          ? t('settings.form.unsaved')
          : saved
            ? t('settings.form.saved')
            : t('settings.form.asStored')}
      </p>
      <Button variant="default" disabled={!dirty || saving} onClick={onDiscard}>
        {t('settings.form.discard')}
      </Button>
      {children ?? (
        <Button type="submit" loading={saving} disabled={!dirty}>
          {t('settings.form.save')}
        </Button>
      )}
    </div>
  );
}
