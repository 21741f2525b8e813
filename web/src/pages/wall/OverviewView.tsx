import { useTranslation } from 'react-i18next';
import type { CommitmentFigures } from '../../api/types';
import { useFormat } from '../../format/use-format';
import type { Board, QueueBoard } from '../../live/board';
import { longestOf } from '../../live/caller';
import type { Severity } from '../../live/order';
import type { Standing } from '../../live/use-board';
import { SeverityMark } from '../../ui/marks';
import { Since } from '../../ui/running';
import { Figure } from './Figure';
import styles from './Wall.module.css';

const WORST = 3;

interface Props {
  readonly today: CommitmentFigures;
  readonly board: Board;
  readonly standing: Standing;
  /** Worst first. */
  readonly worst: readonly QueueBoard[];
  readonly agentsFree: number;
}

/** The promise of the day, and what stands in its way now. */
export function OverviewView({ today, board, standing, worst, agentsFree }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { ratio, numerator, denominator } = today.rate;
  const { waiting, risk, breached } = standing.tally;
  const longest = longestOf(board.queues.flatMap(({ callers }) => callers.slice(0, 1)));
  return (
    <section className={styles.overview} aria-label={t('wall.view.overview')}>
      <div className={styles.rate}>
        <h2>{t('wall.today')}</h2>
        <p className={styles.rateValue}>{ratio === null ? '–' : format.percent(ratio)}</p>
        <p>
          {denominator > 0 &&
            t('wall.ofDecided', {
              met: format.integer(numerator),
              decided: format.integer(denominator),
            })}
        </p>
      </div>
      <ul className={styles.figures}>
        <Figure label={t('wall.waiting')}>{format.integer(waiting)}</Figure>
        <Figure label={t('wall.risk')} tone={risk > 0 ? 'risk' : undefined}>
          {format.integer(risk)}
        </Figure>
        <Figure label={t('wall.breached')} tone={breached > 0 ? 'breached' : undefined}>
          {format.integer(breached)}
        </Figure>
        <Figure label={t('wall.longest')}>
          {longest === null ? '–' : <Since pbx={longest.pbx} since={longest.since} />}
        </Figure>
        <Figure
          label={t('wall.free')}
          tone={agentsFree === 0 && waiting > 0 ? 'breached' : undefined}
        >
          {format.integer(agentsFree)}
        </Figure>
      </ul>
      <ol className={styles.worst}>
        {worst
          .filter(({ callers }) => callers.length > 0)
          .slice(0, WORST)
          .map((queue) => (
            <Worst
              key={queue.key}
              board={queue}
              severity={standing.severities.get(queue.key) ?? 0}
            />
          ))}
      </ol>
    </section>
  );
}

function Worst({ board, severity }: { board: QueueBoard; severity: Severity }) {
  const longest = longestOf(board.callers.slice(0, 1));
  return (
    <li data-severity={severity}>
      <SeverityMark severity={severity} />
      <span className={styles.worstName}>{board.queue.label}</span>
      <strong>{board.callers.length}</strong>
      {longest !== null && <Since pbx={longest.pbx} since={longest.since} />}
    </li>
  );
}
