import { memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Call } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { NOBODY, type Staff } from '../../live/agents';
import type { QueueBoard } from '../../live/board';
import { minuteOf, openVisit, stateAt } from '../../live/caller';
import { useFrozenAt } from '../../live/context';
import { usePbxTick } from '../../live/hooks';
import type { Severity } from '../../live/order';
import { SightContext, useSight } from '../../live/sight';
import { minutesOfQueue, type TrendMinute } from '../../live/trend';
import { SeverityMark } from '../../ui/marks';
import { Since } from '../../ui/running';
import { queuePath } from '../paths';
import { sameBoard } from './QueueCard';
import styles from './QueueRows.module.css';
import type { QueuesProps } from './Queues';
import { Spark } from './Spark';
import { serviceLevel } from './service-level';

/** Forty queues on one screen: a line each, its callers as marks that run towards their deadline. */
export function QueueRows(props: QueuesProps) {
  const { queues, standing, staff, trends, minute, withPbx, touchedAt } = props;
  const { t } = useTranslation();
  const touch = () => {
    touchedAt.current = performance.now();
  };
  return (
    <section
      className={styles.section}
      aria-label={t('live.queues')}
      onPointerMove={touch}
      onKeyDown={touch}
    >
      <div className={styles.header} aria-hidden>
        <span>{t('rows.queue')}</span>
        <span className={styles.number}>{t('queue.waiting')}</span>
        <span className={styles.number}>{t('queue.longest')}</span>
        <span className={styles.laneHead}>
          <span>{t('rows.lane')}</span>
          <span className={styles.deadline}>{t('rows.deadline')}</span>
        </span>
        <span className={styles.number}>{t('queue.free')}</span>
        <span className={styles.number}>{t('queue.serviceLevel')}</span>
        <span>{t('rows.hour')}</span>
      </div>
      <div className={styles.rows}>
        {queues.map((board) => (
          <Row
            key={board.key}
            board={board}
            severity={standing.severities.get(board.key) ?? 0}
            staff={staff.get(board.key) ?? NOBODY}
            minutes={minutesOfQueue(trends, board.key, minute)}
            withPbx={withPbx}
          />
        ))}
      </div>
    </section>
  );
}

interface RowProps {
  readonly board: QueueBoard;
  readonly severity: Severity;
  readonly staff: Staff;
  readonly minutes: readonly TrendMinute[];
  readonly withPbx: boolean;
}

const Row = memo(
  function Row({ board, severity, staff, minutes, withPbx }: RowProps) {
    const { t } = useTranslation();
    const { queue, callers } = board;
    const frozen = useFrozenAt(queue.pbx) !== null;
    const since = callers[0] === undefined ? null : (openVisit(callers[0])?.joined_at ?? null);
    const name = withPbx ? `${queue.label} (${queue.pbx})` : queue.label;
    const row = useRef<HTMLElement>(null);
    const sight = useSight(row);
    return (
      <article
        ref={row}
        className={styles.row}
        data-severity={severity}
        data-frozen={frozen}
        aria-label={`${name}: ${t(`queue.severity.${severity}`)}`}
      >
        <SightContext value={sight}>
          <h3 className={styles.label}>
            <SeverityMark severity={severity} />
            <Link to={queuePath(queue.pbx, queue.name)} title={name}>
              {name}
            </Link>
          </h3>
          <span className={styles.waiting} data-zero={callers.length === 0}>
            {callers.length}
            <span className="sr-only"> {t('queue.waiting')}</span>
          </span>
          <span className={styles.longest}>
            {since === null ? '–' : <Since pbx={queue.pbx} since={since} />}
          </span>
          <Lane pbx={queue.pbx} callers={callers} />
          <span
            className={styles.free}
            data-alarming={callers.length > 0 && staff.free === 0}
            title={t('queue.freeHelp', { free: staff.free, total: staff.total })}
          >
            {staff.free}/{staff.total}
          </span>
          <Level board={board} />
          <Spark minutes={minutes} target={queue.target} name={name} className={styles.spark} />
        </SightContext>
      </article>
    );
  },
  (before, after) =>
    before.severity === after.severity &&
    before.staff.free === after.staff.free &&
    before.staff.total === after.staff.total &&
    before.minutes === after.minutes &&
    before.withPbx === after.withPbx &&
    sameBoard(before.board, after.board),
);

function Level({ board: { queue } }: { board: QueueBoard }) {
  const { t } = useTranslation();
  const format = useFormat();
  const level = serviceLevel(queue.today.service_levels, queue.service_level);
  const ratio = level?.ratio ?? null;
  const below = queue.target !== null && ratio !== null && ratio < queue.target;
  const target =
    queue.target === null ? '' : t('queue.target', { target: format.percent(queue.target) });
  return (
    <span
      className={styles.level}
      data-below={below}
      title={[level?.text(t) ?? '', target].filter((part) => part !== '').join(' · ')}
    >
      {ratio === null ? '–' : format.percent(ratio)}
      {below && <span className="sr-only"> {t('queue.belowTarget')}</span>}
    </span>
  );
}

/** Where the deadline stands on the lane: beyond it there is room for who is late. */
const DUE_AT = 0.75;

/** Each caller as a mark; its way along the lane is its minute. */
const Lane = memo(
  function Lane({ pbx, callers }: { pbx: string; callers: readonly Call[] }) {
    const { t } = useTranslation();
    const lane = useRef<HTMLSpanElement>(null);
    usePbxTick(pbx, (now) => {
      const marks = lane.current?.children ?? [];
      callers.forEach((call, index) => {
        const mark = marks[index];
        if (mark instanceof HTMLElement) drawMark(mark, call, now);
      });
    });
    return (
      <span className={styles.lane}>
        <span ref={lane} className={styles.marks} aria-hidden>
          {callers.map((call) => (
            <i key={call.id} />
          ))}
        </span>
        <span className="sr-only">{t('rows.callers', { count: callers.length })}</span>
      </span>
    );
  },
  (before, after) =>
    before.pbx === after.pbx &&
    before.callers.length === after.callers.length &&
    before.callers.every((call, index) => call === after.callers[index]),
);

function drawMark(mark: HTMLElement, call: Call, now: number): void {
  const minute = minuteOf(call);
  const length = Math.max(1, (minute.dueMs ?? minute.startMs + 60_000) - minute.startMs);
  const part = Math.min(1, (DUE_AT * (now - minute.startMs)) / length);
  const left = `${(Math.max(0, part) * 100).toFixed(1)}%`;
  const state = minute.mark === null ? stateAt(minute, now) : 'settled';
  if (mark.style.left !== left) mark.style.left = left;
  if (mark.dataset.state !== state) mark.dataset.state = state;
}
