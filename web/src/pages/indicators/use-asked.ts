import { useMemo } from 'react';
import { type Change, useAddress } from '../../ui/use-address';
import type { Range } from '../history/range';
import { type Period, periodOf } from './period';
import { type Asked, SPLITS, type Split } from './queries';

/** What one answer of the server may hold, less what no screen shows. */
const MOST_DAYS = 400;

/** Into which parts a range can be split. */
export const splitsOf = (range: Range): readonly Split[] =>
  SPLITS.filter(
    (split) =>
      (split !== 'month' || range.days > 28) &&
      (split !== 'week' || range.days > 7) &&
      (split !== 'day' || (range.days > 1 && range.days <= MOST_DAYS)),
  );

function usualSplit(range: Range): Split | null {
  if (range.days > 31) return 'month';
  return range.days > 7 ? 'week' : range.days > 1 ? 'day' : null;
}

export function useAsked(
  zone: string,
  now: number,
): { asked: Asked; period: Period; change: (wanted: Change) => void } {
  const [params, change] = useAddress();
  const period = useMemo(() => periodOf(params, 'month', now, zone), [params, now, zone]);
  const asked = useMemo((): Asked => {
    const wanted = params.get('by');
    const found = splitsOf(period.range).find((split) => split === wanted) ?? null;
    return {
      range: period.range,
      pbx: params.get('pbx') || null,
      queue: params.get('queue') || null,
      by: found ?? (wanted === null ? usualSplit(period.range) : null),
    };
  }, [params, period]);
  return { asked, period, change };
}
