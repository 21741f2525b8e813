import { useFormat } from '../../format/use-format';
import type { Level, Report } from './queries';

/** The calls of a month; none where the report is of some queues only, as no filter means these. */
export function monthLink(report: Report, index: number): string | null {
  const month = report.months[index];
  if (month === undefined || report.queues_only !== null || month.results.calls.calls === 0) {
    return null;
  }
  return `/calls?${new URLSearchParams({ from: month.from, to: month.to })}`;
}

/** A ratio, with its range where something is unknown. */
export function useRatio(): (level: Level | undefined) => string {
  const format = useFormat();
  return (level) => {
    if (level === undefined || level.ratio.value === null) return '–';
    const [low, high] = [level.range.low.value, level.range.high.value];
    const text = format.percent(level.ratio.value);
    if (low === null || high === null) return text;
    const [least, most] = [format.percent(low), format.percent(high)];
    return least === most ? text : `${text} (${least}–${most})`;
  };
}
