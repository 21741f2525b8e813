import { memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { LiveQueue, QueueFigures } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import type { Staff } from '../../live/agents';
import type { QueueBoard } from '../../live/board';
import { openVisit } from '../../live/caller';
import { useFrozenAt } from '../../live/context';
import type { Severity } from '../../live/order';
import { SightContext, useSight } from '../../live/sight';
import type { TrendMinute } from '../../live/trend';
import { AsOf } from '../../ui/AsOf';
import { Since } from '../../ui/running';
import { queuePath } from '../paths';
import { CallerRow } from './CallerRow';
import styles from './QueueCard.module.css';
import { Spark } from './Spark';
import { serviceLevel } from './service-level';

/**
 * A card's height (rem) follows from what is in it, so that the cards can be placed without
 * asking the browser. These are the heights of the style sheet.
 */
const FRAME = 11.4;
const ROW = 2.1;
const LIST_GAP = 0.15;
const EXTRA_LINE = 1.75;

/** More than these push the next queues off the screen; the rest is one click away. */
const SHOWN = 12;

export interface Shape {
  readonly callers: number;
  readonly expanded: boolean;
  readonly frozen: boolean;
}

/** In rem. */
export function cardHeight({ callers, expanded, frozen }: Shape): number {
  const rows = expanded ? callers : Math.min(callers, SHOWN);
  const lines = (callers > SHOWN ? 1 : 0) + (frozen ? 1 : 0);
  return FRAME + (rows > 0 ? rows * ROW + LIST_GAP : 0) + lines * EXTRA_LINE;
}

export interface Place {
  /** From 0, of `columns`. */
  readonly column: number;
  readonly columns: number;
  /** In rem. */
  readonly top: number;
  readonly height: number;
}

interface Props extends Place {
  readonly board: QueueBoard;
  readonly severity: Severity;
  readonly expanded: boolean;
  readonly onToggle: (key: string) => void;
  readonly minutes: readonly TrendMinute[];
  readonly staff: Staff;
  /** Several PBXs are watched, and each may have a queue of this name. */
  readonly withPbx: boolean;
}

export const QueueCard = memo(
  function QueueCard(props: Props) {
    const { board, severity, expanded, onToggle, minutes, staff, withPbx } = props;
    const { t } = useTranslation();
    const { queue, callers } = board;
    const name = withPbx ? `${queue.label} (${queue.pbx})` : queue.label;
    const frozen = useFrozenAt(queue.pbx);
    const card = useRef<HTMLElement>(null);
    const sight = useSight(card);
    const shown = expanded ? callers : callers.slice(0, SHOWN);
    const more = callers.length - SHOWN;
    return (
      <article
        ref={card}
        className={styles.card}
        data-severity={severity}
        data-frozen={frozen !== null}
        style={{
          top: `${props.top}rem`,
          left: `calc((100% + var(--gap)) * ${props.column} / ${props.columns})`,
          width: `calc((100% + var(--gap)) / ${props.columns} - var(--gap))`,
          height: `${props.height}rem`,
        }}
        aria-label={`${name}: ${t(`queue.severity.${severity}`)}`}
      >
        <SightContext value={sight}>
          <header className={styles.head}>
            <h3 className={styles.label} title={name}>
              <Link to={queuePath(queue.pbx, queue.name)}>{queue.label}</Link>
              {withPbx && <span className={styles.pbx}>{queue.pbx}</span>}
            </h3>
            <Now board={board} />
          </header>
          {frozen !== null && (
            <p className={styles.asOf}>
              <AsOf at={frozen} />
            </p>
          )}
          {callers.length > 0 && (
            <ol className={styles.callers}>
              {shown.map((call, index) => (
                <CallerRow key={call.id} call={call} position={index + 1} />
              ))}
            </ol>
          )}
          {more > 0 && (
            <button type="button" className={styles.more} onClick={() => onToggle(board.key)}>
              {expanded ? t('queue.less') : t('queue.more', { count: more })}
            </button>
          )}
          <Spark minutes={minutes} target={queue.target} name={name} className={styles.spark} />
          <Today queue={queue} staff={staff} needed={callers.length > 0} />
        </SightContext>
      </article>
    );
  },
  (before, after) =>
    before.severity === after.severity &&
    before.column === after.column &&
    before.columns === after.columns &&
    before.top === after.top &&
    before.height === after.height &&
    before.expanded === after.expanded &&
    before.onToggle === after.onToggle &&
    before.minutes === after.minutes &&
    before.staff.free === after.staff.free &&
    before.staff.total === after.staff.total &&
    before.withPbx === after.withPbx &&
    sameBoard(before.board, after.board),
);

/** Whether two boards of a queue show the same. */
export const sameBoard = (before: QueueBoard, after: QueueBoard): boolean =>
  before.queue === after.queue &&
  before.callers.length === after.callers.length &&
  before.callers.every((call, index) => call === after.callers[index]);

function Now({ board: { queue, callers } }: { board: QueueBoard }) {
  const { t } = useTranslation();
  const first = callers[0];
  const since = first === undefined ? null : (openVisit(first)?.joined_at ?? null);
  if (since === null) return <p className={styles.nobody}>{t('queue.nobody')}</p>;
  return (
    <p className={styles.now}>
      <strong className={styles.waiting}>{callers.length}</strong> {t('queue.waiting')}
      <span className={styles.longest}>
        {t('queue.longest')} <Since pbx={queue.pbx} since={since} className={styles.longestTime} />
      </span>
    </p>
  );
}

interface TodayProps {
  readonly queue: LiveQueue;
  readonly staff: Staff;
  /** Somebody waits, so that it matters whether an agent is free. */
  readonly needed: boolean;
}

/** Today's figures; the service level never without the name of its formula. */
function Today({ queue, staff, needed }: TodayProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { today } = queue;
  return (
    <dl className={styles.today} aria-label={t('queue.today')}>
      <Level queue={queue} />
      <Figure
        label={t('queue.free')}
        help={t('queue.freeHelp', { free: staff.free, total: staff.total })}
        value={`${staff.free}/${staff.total}`}
        alarming={needed && staff.free === 0}
      />
      <Figure
        label={t('queue.asa')}
        help={t('queue.asaHelp')}
        value={today.asa_s === null ? '–' : span(today.asa_s * 1000)}
      />
      {(['offered', 'answered', 'abandoned'] as const satisfies (keyof QueueFigures)[]).map(
        (name) => (
          <Figure key={name} label={t(`queue.${name}`)} value={format.integer(today[name])} />
        ),
      )}
    </dl>
  );
}

function Level({ queue }: { queue: LiveQueue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const level = serviceLevel(queue.today.service_levels, queue.service_level);
  const threshold = t('queue.threshold', { seconds: span(queue.within_s * 1000) });
  if (level === null) return null;
  const counts = `${format.integer(level.numerator)} / ${format.integer(level.denominator)}`;
  const below = queue.target !== null && level.ratio !== null && level.ratio < queue.target;
  return (
    <div className={styles.level} title={`${level.formula} = ${counts} · ${threshold}`}>
      <dt>
        {t('queue.serviceLevel')}{' '}
        {queue.target !== null && (
          <span className={styles.target}>
            {t('queue.target', { target: format.percent(queue.target) })}
          </span>
        )}{' '}
        <span className={styles.formula}>{level.text(t)}</span>
      </dt>
      <dd data-below={below}>
        {level.ratio === null ? '–' : format.percent(level.ratio)}
        {below && <span className="sr-only"> {t('queue.belowTarget')}</span>}
      </dd>
    </div>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly help?: string;
  readonly alarming?: boolean;
}

function Figure({ label, value, help, alarming }: FigureProps) {
  return (
    <div title={help} data-alarming={alarming}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
