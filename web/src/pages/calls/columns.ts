/** Which columns of the list somebody wants to see; kept in the browser. */
import { useCallback, useState } from 'react';

export const COLUMNS = [
  'verdict',
  'wait',
  'caller',
  'queues',
  'exit',
  'agent',
  'talk',
  'reason',
  'pbx',
] as const;
export type Column = (typeof COLUMNS)[number];

const USUAL: readonly Column[] = ['verdict', 'wait', 'caller', 'queues', 'exit', 'agent'];
const PLACE = 'minuteur.calls.columns';

function kept(): readonly Column[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(PLACE) ?? 'null');
    if (Array.isArray(found)) return COLUMNS.filter((column) => found.includes(column));
  } catch {
    // No storage, or something else in it: the usual columns.
  }
  return USUAL;
}

export function useColumns(): [readonly Column[], (column: Column) => void] {
  const [columns, setColumns] = useState(kept);
  const toggle = useCallback((column: Column) => {
    setColumns((before) => {
      const next = COLUMNS.filter((one) => before.includes(one) !== (one === column));
      try {
        localStorage.setItem(PLACE, JSON.stringify(next));
      } catch {
        // Not kept then.
      }
      return next;
    });
  }, []);
  return [columns, toggle];
}
