import { useTranslation } from 'react-i18next';
import styles from './History.module.css';
import type { Moments } from './moments';
import type { Series } from './queries';

/** What was not observed is said first: the figures below do not tell of it. */
export function Blind({
  intervals,
  moments,
}: {
  intervals: Series['blind_intervals'];
  moments: Moments;
}) {
  const { t } = useTranslation();
  if (intervals.length === 0) return null;
  return (
    <details className={styles.blind}>
      <summary>{t('history.blindCount', { count: intervals.length })}</summary>
      <ul>
        {intervals.map(({ pbx, started_at, ended_at, cause }) => (
          <li key={`${pbx} ${started_at}`}>
            {t('history.blindLine', {
              pbx,
              from: moments.minute(Date.parse(started_at)),
              to: ended_at === null ? '…' : moments.minute(Date.parse(ended_at)),
            })}{' '}
            <small>{cause}</small>
          </li>
        ))}
      </ul>
    </details>
  );
}
