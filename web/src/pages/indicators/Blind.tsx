import { useTranslation } from 'react-i18next';
import history from '../history/History.module.css';
import type { Moments } from '../history/moments';
import type { PeriodFigures } from './queries';

/** What was not observed is said first: the figures below do not tell of it. */
export function Blind({ figures, moments }: { figures: PeriodFigures; moments: Moments }) {
  const { t } = useTranslation();
  const intervals = figures.blind_intervals;
  if (intervals.length === 0) return null;
  return (
    <details className={history.blind}>
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
