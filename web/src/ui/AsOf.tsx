import { IconPlayerPauseFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/use-format';
import styles from './AsOf.module.css';

/** Says that figures are frozen, and as of when. */
export function AsOf({ at }: { at: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={styles.asOf}>
      <IconPlayerPauseFilled size="0.9em" aria-hidden />
      {t('stale.asOf', { time: format.time(at) })}
    </span>
  );
}
