import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveQueue, QueueFigures } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import type { QueueBoard } from '../../live/board';
import { openVisit } from '../../live/caller';
import { useFrozenAt } from '../../live/context';
import type { Severity } from '../../live/order';
import { AsOf } from '../../ui/AsOf';
import { Since } from '../../ui/running';
import { CallerRow } from './CallerRow';
import styles from './QueueCard.module.css';
import { serviceLevel } from './service-level';

/**
 * The grid's rows are this fine (in rem), so that cards of different heights pack tightly while
 * the document keeps the order, worst first. The heights below are those of the style sheet.
 */
const UNIT = 0.25;
const FRAME = 9.15;
const ROW = 2.1;
const EXTRA_LINE = 1.75;

function heightOf(rows: number, extraLines: number): number {
  return FRAME + (rows > 0 ? rows * ROW + 0.35 : 0) + extraLines * EXTRA_LINE;
}

/** A card's height on the board (rem), to share the cards out over the columns. */
export const estimatedHeight = ({ callers }: QueueBoard): number =>
  heightOf(Math.min(callers.length, SHOWN), callers.length > SHOWN ? 1 : 0);

/** More than these push the next queues off the screen; the rest is one click away. */
const SHOWN = 12;

interface Props {
  readonly board: QueueBoard;
  readonly severity: Severity;
  /** From 1. */
  readonly column: number;
  /** Several PBXs are watched, and each may have a queue of this name. */
  readonly withPbx: boolean;
}

export const QueueCard = memo(
  function QueueCard({ board, severity, column, withPbx }: Props) {
    const { t } = useTranslation();
    const { queue, callers } = board;
    const name = withPbx ? `${queue.label} (${queue.pbx})` : queue.label;
    const frozen = useFrozenAt(queue.pbx);
    const [all, setAll] = useState(false);
    const shown = all ? callers : callers.slice(0, SHOWN);
    const more = callers.length - SHOWN;
    const lines = (more > 0 ? 1 : 0) + (frozen === null ? 0 : 1);
    const rows = Math.ceil(heightOf(shown.length, lines) / UNIT);
    return (
      <article
        className={styles.card}
        data-severity={severity}
        data-frozen={frozen !== null}
        style={{ gridColumn: column, gridRow: `span ${rows}` }}
        aria-label={`${name}: ${t(`queue.severity.${severity}`)}`}
      >
        <header className={styles.head}>
          <h3 className={styles.label} title={name}>
            {queue.label}
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
          <button type="button" className={styles.more} onClick={() => setAll(!all)}>
            {all ? t('queue.less') : t('queue.more', { count: more })}
          </button>
        )}
        <Today queue={queue} />
      </article>
    );
  },
  (before, after) =>
    before.severity === after.severity &&
    before.column === after.column &&
    before.withPbx === after.withPbx &&
    before.board.queue === after.board.queue &&
    before.board.callers.length === after.board.callers.length &&
    before.board.callers.every((call, index) => call === after.board.callers[index]),
);

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

/** Today's figures; the service level never without the name of its formula. */
function Today({ queue }: { queue: LiveQueue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { today } = queue;
  return (
    <dl className={styles.today} aria-label={t('queue.today')}>
      <Level queue={queue} />
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
  const level = serviceLevel(queue.today.service_levels);
  const threshold = t('queue.threshold', { seconds: span(queue.within_s * 1000) });
  if (level === null) return null;
  const counts = `${format.integer(level.numerator)} / ${format.integer(level.denominator)}`;
  return (
    <div className={styles.level} title={`${level.formula} = ${counts} · ${threshold}`}>
      <dt>
        {t('queue.serviceLevel')} <span className={styles.formula}>{level.text(t)}</span>
      </dt>
      <dd>{level.ratio === null ? '–' : format.percent(level.ratio)}</dd>
    </div>
  );
}

function Figure({ label, value, help }: { label: string; value: string; help?: string }) {
  return (
    <div title={help}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
