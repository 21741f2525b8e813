import { useTranslation } from 'react-i18next';
import type { LiveQueue } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import panel from '../live/Panel.module.css';
import { serviceLevel } from '../live/service-level';
import styles from './QueuePage.module.css';

const seconds = (value: number | null): string => (value === null ? '–' : span(value * 1000));

/** The day's figures; the service level with its formula, what it is made of, and the target. */
export function Today({ queue }: { queue: LiveQueue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { today } = queue;
  const level = serviceLevel(today.service_levels, queue.service_level);
  const ratio = level?.ratio ?? null;
  const below = queue.target !== null && ratio !== null && ratio < queue.target;
  const rows: [string, string][] = [
    [t('queue.offered'), format.integer(today.offered)],
    [t('queue.answered'), format.integer(today.answered)],
    [t('queuePage.within_count'), format.integer(today.answered_within)],
    [t('queue.abandoned'), format.integer(today.abandoned)],
    [t('queuePage.short'), format.integer(today.abandoned_short)],
    [t('queuePage.otherwise'), format.integer(today.left_otherwise)],
    [t('queuePage.unknownEnd'), format.integer(today.unknown)],
    [t('queue.asa'), seconds(today.asa_s)],
    [t('queuePage.longestToday'), seconds(today.offered === 0 ? null : today.longest_wait_s)],
    [t('queuePage.talk'), seconds(today.average_talk_s)],
  ];
  return (
    <section className={panel.panel} aria-labelledby="today">
      <h2 id="today" className={panel.title}>
        {t('queuePage.today')}
      </h2>
      {level !== null && (
        <div className={styles.level} data-below={below}>
          <strong>{ratio === null ? '–' : format.percent(ratio)}</strong>
          <div>
            <span>
              {t('queue.serviceLevel')}
              {queue.target !== null &&
                ` · ${t('queue.target', { target: format.percent(queue.target) })}`}
              {below && ` · ${t('queue.belowTarget')}`}
            </span>
            <span className={styles.formula}>
              {level.text(t)}: {level.formula} = {format.integer(level.numerator)} /{' '}
              {format.integer(level.denominator)}
            </span>
          </div>
        </div>
      )}
      <dl className={styles.pairs}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
