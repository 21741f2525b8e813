/** Small pictures of shares; what they show stands in words beside them. */
import type { Verdict } from '../../api/types';
import { useFormat } from '../../format/use-format';
import styles from './Bars.module.css';
import type { Value } from './queries';

const share = (part: number): string => `${Math.round(part * 10_000) / 100}%`;

/** A ratio on a line that ends at 100 %, and the range in which it lies. */
export function Interval({ value }: { value: Pick<Value, 'value' | 'low' | 'high'> }) {
  const format = useFormat();
  const { low, high, value: ratio } = value;
  if (ratio == null) return null;
  const lowest = Math.min(ratio, low ?? ratio);
  const begin = Math.max(0, Math.floor(lowest * 10 - 0.5) / 10);
  const place = (at: number) => share((at - begin) / (1 - begin));
  const [from, to] = [low ?? ratio, high ?? ratio];
  return (
    <div className={styles.interval} aria-hidden="true">
      <svg width="100%" height="18" className={styles.svg} aria-hidden="true">
        <rect className={styles.track} x="0" y="6" width="100%" height="6" rx="3" />
        <rect
          className={styles.range}
          x={place(from)}
          y="4"
          width={share((to - from) / (1 - begin))}
          height="10"
          rx="3"
        />
        <svg x={place(ratio)} overflow="visible" width="1" height="18" aria-hidden="true">
          <rect className={styles.point} x="-1.5" y="1" width="3" height="16" rx="1.5" />
        </svg>
      </svg>
      <span>{format.percent(begin)}</span>
      <span>{format.percent(1)}</span>
    </div>
  );
}

/** Parts of a whole, by verdict. */
export function VerdictBar({ parts }: { parts: readonly (readonly [Verdict, number])[] }) {
  const total = parts.reduce((sum, [, many]) => sum + many, 0);
  if (total === 0) return null;
  let before = 0;
  return (
    <svg width="100%" height="14" className={styles.svg} aria-hidden="true">
      {parts.map(([verdict, many]) => {
        const x = before;
        before += many;
        return many === 0 ? null : (
          <rect
            key={verdict}
            className={styles.part}
            data-verdict={verdict}
            x={share(x / total)}
            width={share(many / total)}
            height="14"
          />
        );
      })}
    </svg>
  );
}

const [WIDTH, HEIGHT, EDGE] = [120, 26, 3] as const;

/** How a figure went from part to part; gaps where there is none. */
export function Spark({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (index: number) =>
    (EDGE + (index * (WIDTH - 2 * EDGE)) / (values.length - 1)).toFixed(1);
  const y = (value: number) =>
    (high === low
      ? HEIGHT / 2
      : HEIGHT - EDGE - ((value - low) / (high - low)) * (HEIGHT - 2 * EDGE)
    ).toFixed(1);
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) path += `${drawing ? 'L' : 'M'}${x(index)} ${y(value)}`;
    drawing = value !== null;
  });
  return (
    <svg width={WIDTH} height={HEIGHT} className={styles.spark} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
