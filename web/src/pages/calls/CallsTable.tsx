import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Call } from '../../api/types';
import { callPath } from '../paths';
import { CallRow } from './CallRow';
import styles from './CallsTable.module.css';
import type { Column } from './columns';

/** A guess until a row has been measured. */
const ROW = 42;
/** So many rows before the last one the next page is asked for. */
const AHEAD = 25;

interface Props {
  readonly calls: readonly Call[];
  readonly columns: readonly Column[];
  /** Where this list was left is remembered under this name. */
  readonly place: string;
  readonly more: boolean;
  readonly onNearEnd: () => void;
}

/** The call that was opened from a list, by the list's filters. */
const places = new Map<string, string>();

/** A list of any length, of which only what is in sight is drawn. */
export function CallsTable({ calls, columns, place, more, onNearEnd }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [active, setActive] = useState(() => indexOf(calls, places.get(place)));
  useLayoutEffect(() => {
    const found = body.current;
    if (found !== null) setMargin(found.getBoundingClientRect().top + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({
    count: calls.length,
    estimateSize: () => ROW,
    overscan: 12,
    scrollMargin: margin,
    getItemKey: (index) => calls[index]?.id ?? index,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= calls.length - AHEAD) onNearEnd();
  }, [more, last, calls.length, onNearEnd]);

  const open = (call: Call) => {
    places.set(place, call.id);
    void navigate(callPath(call.id));
  };
  const go = (index: number, align: 'auto' | 'center' = 'auto') => {
    const next = Math.min(Math.max(index, 0), calls.length - 1);
    setActive(next);
    rows.scrollToIndex(next, { align });
    requestAnimationFrame(() => {
      body.current
        ?.querySelector<HTMLElement>(`[data-index="${next}"]`)
        ?.focus({ preventScroll: align === 'center' });
    });
  };
  useReturn(place, margin, () => go(active, 'center'));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === 'Enter' && calls[active] !== undefined) open(calls[active]);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(calls.length - 1);
    else if (step !== undefined) go(active + step);
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a real table cannot be placed one by one
    <div
      role="grid"
      tabIndex={-1}
      aria-label={t('calls.title')}
      aria-rowcount={more ? -1 : calls.length + 1}
      className={styles.grid}
      data-columns={columns.length}
      onKeyDown={onKeyDown}
    >
      <Head columns={columns} />
      <div ref={body} className={styles.body} style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const call = calls[index];
          if (call === undefined) return null;
          return (
            <CallRow
              key={key}
              measure={rows.measureElement}
              index={index}
              top={start - margin}
              call={call}
              columns={columns}
              isActive={index === active}
              onOpen={() => open(call)}
              onFocus={() => setActive(index)}
            />
          );
        })}
      </div>
    </div>
  );
}

const STEPS: Record<string, number | undefined> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
};

function Head({ columns }: { columns: readonly Column[] }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the grid
    // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with a head
    <div role="row" aria-rowindex={1} className={styles.head}>
      {(['arrived', ...columns] as const).map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: see the grid
        // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with a head
        <span key={column} role="columnheader" data-column={column}>
          {t(`calls.${column}`)}
        </span>
      ))}
    </div>
  );
}

/** Back to the call that was opened, in the middle of the page, once the rows have their place. */
function useReturn(place: string, margin: number, show: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (done.current || margin === 0) return;
    done.current = true;
    if (!places.delete(place)) return;
    // After the browser's own attempt to go back to where the page was.
    requestAnimationFrame(() => requestAnimationFrame(show));
  }, [place, margin, show]);
}

function indexOf(calls: readonly Call[], id: string | undefined): number {
  return id === undefined
    ? 0
    : Math.max(
        0,
        calls.findIndex((call) => call.id === id),
      );
}
