import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import type { Staff } from '../../live/agents';
import type { QueueBoard } from '../../live/board';
import { longestOf } from '../../live/caller';
import type { Severity } from '../../live/order';
import { SeverityMark } from '../../ui/marks';
import { Since } from '../../ui/running';
import { CallerRow } from '../live/CallerRow';
import { serviceLevel } from '../live/service-level';
import { Figure } from './Figure';
import styles from './Wall.module.css';

const CALLERS = 7;

interface Props {
  readonly board: QueueBoard;
  readonly severity: Severity;
  readonly staff: Staff;
  /** It is shown because it is the worst one just now. */
  readonly worst: boolean;
}

/** One queue: who waits, how long, who could answer, and the day so far. */
export function QueueView({ board, severity, staff, worst }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { queue, callers } = board;
  const level = serviceLevel(queue.today.service_levels, queue.service_level);
  const ratio = level?.ratio ?? null;
  const below = queue.target !== null && ratio !== null && ratio < queue.target;
  const longest = longestOf(callers.slice(0, 1));
  const more = callers.length - CALLERS;
  return (
    <section className={styles.queue} aria-labelledby="wall-queue" data-severity={severity}>
      <h2 id="wall-queue" className={styles.queueName}>
        <SeverityMark severity={severity} />
        {queue.label}
        <small>
          {worst && `${t('wall.worst')} · `}
          {t(`queue.severity.${severity}`)}
        </small>
      </h2>
      <ul className={styles.queueFigures}>
        <Figure label={t('wall.waiting')} tone={severity === 3 ? 'breached' : undefined}>
          {format.integer(callers.length)}
        </Figure>
        <Figure label={t('wall.longest')}>
          {longest === null ? '–' : <Since pbx={longest.pbx} since={longest.since} />}
        </Figure>
        <Figure
          label={t('wall.free')}
          tone={staff.free === 0 && callers.length > 0 ? 'breached' : undefined}
        >
          {staff.free}/{staff.total}
        </Figure>
        <Figure
          label={
            queue.target === null
              ? t('wall.level')
              : t('wall.target', { target: format.percent(queue.target) })
          }
          tone={below ? 'risk' : undefined}
        >
          {ratio === null ? '–' : format.percent(ratio)}
        </Figure>
      </ul>
      {callers.length === 0 ? (
        <p className={styles.nobody}>{t('wall.nobody')}</p>
      ) : (
        <ol className={styles.callers}>
          {callers.slice(0, more > 0 ? CALLERS - 1 : CALLERS).map((call, index) => (
            <CallerRow key={call.id} call={call} position={index + 1} />
          ))}
          {more > 0 && <li className={styles.more}>{t('wall.more', { count: more + 1 })}</li>}
        </ol>
      )}
    </section>
  );
}
