import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NOBODY, type Staff } from '../../live/agents';
import type { QueueBoard } from '../../live/board';
import { placeInColumns } from '../../live/columns';
import { useTruth } from '../../live/context';
import { type Freeze, frozenAt } from '../../live/freeze';
import { minutesOfQueue, type Trends } from '../../live/trend';
import type { Standing } from '../../live/use-board';
import { toggled } from '../../live/view';
import { cardHeight, type Place, QueueCard } from './QueueCard';
import styles from './Queues.module.css';

/** Narrower than this (in rem), a caller's row has no room for its words. */
const COLUMN_REM = 21.5;
const GAP_REM = 0.8;

export interface QueuesProps {
  /** Those that are shown, in their order. */
  readonly queues: readonly QueueBoard[];
  readonly standing: Standing;
  readonly staff: ReadonlyMap<string, Staff>;
  readonly trends: Trends;
  /** Up to which minute the trends go. */
  readonly minute: number;
  readonly withPbx: boolean;
  /** When somebody last moved over the cards or pressed a key there; their order then holds. */
  readonly touchedAt: { current: number };
}

/** The queues as cards, worst first. */
export function Queues({
  queues,
  standing,
  staff,
  trends,
  minute,
  withPbx,
  touchedAt,
}: QueuesProps) {
  const { t } = useTranslation();
  const section = useRef<HTMLElement>(null);
  const columns = useColumnCount(section);
  const { freeze } = useTruth();
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((key: string) => setExpanded((keys) => toggled(keys, key)), []);
  const heightOf = (board: QueueBoard) => heightOn(board, expanded, freeze);
  const shown = queues.map(({ key }) => key).join('\n');
  // Shared out anew only with a new order: a card that grows must not push others sideways.
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights of the moment on purpose
  const columnOf = useMemo(
    () => placeInColumns(queues, ({ key }) => key, heightOf, columns),
    [shown, columns],
  );
  const { places, height } = placesOf(queues, columnOf, columns, heightOf);
  const touch = () => {
    touchedAt.current = performance.now();
  };
  return (
    <section
      ref={section}
      className={styles.queues}
      style={{ height: `${height}rem` }}
      aria-label={t('live.queues')}
      onPointerMove={touch}
      onKeyDown={touch}
    >
      {queues.map((board, index) => (
        <QueueCard
          key={board.key}
          board={board}
          severity={standing.severities.get(board.key) ?? 0}
          expanded={expanded.has(board.key)}
          onToggle={toggle}
          minutes={minutesOfQueue(trends, board.key, minute)}
          staff={staff.get(board.key) ?? NOBODY}
          withPbx={withPbx}
          {...(places[index] as Place)}
        />
      ))}
    </section>
  );
}

const heightOn = (board: QueueBoard, expanded: ReadonlySet<string>, freeze: Freeze): number =>
  cardHeight({
    callers: board.callers.length,
    expanded: expanded.has(board.key),
    frozen: frozenAt(freeze, board.queue.pbx) !== null,
  });

/** Where each card stands: below the ones before it in its column. */
function placesOf(
  queues: readonly QueueBoard[],
  columnOf: ReadonlyMap<string, number>,
  columns: number,
  heightOf: (board: QueueBoard) => number,
): { places: readonly Place[]; height: number } {
  const tops = new Array<number>(columns).fill(0);
  const places = queues.map((board) => {
    const column = Math.min(columns, columnOf.get(board.key) ?? 1) - 1;
    const top = tops[column] ?? 0;
    const height = heightOf(board);
    tops[column] = top + height + GAP_REM;
    return { column, columns, top: round(top), height: round(height) };
  });
  return { places, height: round(Math.max(0, ...tops.map((top) => top - GAP_REM))) };
}

const round = (rem: number): number => Math.round(rem * 1000) / 1000;

function useColumnCount(element: RefObject<HTMLElement | null>): number {
  const [count, setCount] = useState(1);
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) return;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const width = target.clientWidth / rem;
      setCount(Math.max(1, Math.floor((width + GAP_REM) / (COLUMN_REM + GAP_REM))));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return count;
}
