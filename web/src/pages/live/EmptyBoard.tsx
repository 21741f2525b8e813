import { IconPhoneIncoming } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LivePbx } from '../../api/types';
import styles from './EmptyBoard.module.css';

/** Nothing to show yet: says what has to be so for something to come. */
export function EmptyBoard({ pbxs }: { pbxs: readonly LivePbx[] }) {
  const { t } = useTranslation();
  return (
    <section className={styles.empty}>
      <IconPhoneIncoming size="2.4rem" stroke={1.4} aria-hidden />
      <h2>{t('live.emptyTitle')}</h2>
      <p>{pbxs.length === 0 ? t('link.none') : t('live.emptyText')}</p>
      {pbxs.length > 0 && (
        <ol>
          <li>{t('live.emptySteps.link')}</li>
          <li>{t('live.emptySteps.queues')}</li>
          <li>{t('live.emptySteps.permission')}</li>
        </ol>
      )}
    </section>
  );
}
