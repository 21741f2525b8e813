import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QueueBoard } from '../../live/board';
import { placeInColumns } from '../../live/columns';
import type { Standing } from '../../live/use-board';
import { estimatedHeight, QueueCard } from './QueueCard';
import styles from './Queues.module.css';

/** Narrower than this (in rem), a caller's row has no room for its words. */
const COLUMN_REM = 21.5;
const GAP_REM = 0.8;

interface Props {
  readonly queues: readonly QueueBoard[];
  readonly standing: Standing;
  /** When somebody last moved over the cards or pressed a key there; their order then holds. */
  readonly touchedAt: { current: number };
}

/** The queues as cards, worst first. */
export function Queues({ queues, standing, touchedAt }: Props) {
  const { t } = useTranslation();
  const section = useRef<HTMLElement>(null);
  const columns = useColumnCount(section);
  const byKey = new Map(queues.map((queue) => [queue.key, queue]));
  const withPbx = new Set(queues.map(({ queue }) => queue.pbx)).size > 1;
  const ordered = standing.keys.flatMap((key) => byKey.get(key) ?? []);
  // Shared out anew only with a new order: a card that grows must not push others sideways.
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights of the moment on purpose
  const places = useMemo(
    () => placeInColumns(ordered, ({ key }) => key, estimatedHeight, columns),
    [standing.keys, queues.length, columns],
  );
  const touch = () => {
    touchedAt.current = performance.now();
  };
  return (
    <section
      ref={section}
      className={styles.queues}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      aria-label={t('live.queues')}
      onPointerMove={touch}
      onKeyDown={touch}
    >
      {ordered.map((queue) => (
        <QueueCard
          key={queue.key}
          board={queue}
          severity={standing.severities.get(queue.key) ?? 0}
          column={places.get(queue.key) ?? 1}
          withPbx={withPbx}
        />
      ))}
    </section>
  );
}

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
