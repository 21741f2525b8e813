import type { TFunction } from 'i18next';
import { type KeyboardEvent, memo, type PointerEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Format } from '../../format/format';
import { useFormat } from '../../format/use-format';
import type { TrendMinute } from '../../live/trend';
import styles from './Spark.module.css';

const WIDTH = 240;
const HEIGHT = 40;
/** The lower part is for arrivals, the upper for the service level. */
const BARS = 13;

interface Props {
  readonly minutes: readonly TrendMinute[];
  /** The service level that is aimed at; null where none is set. */
  readonly target: number | null;
  /** Whose trend it is. */
  readonly name: string;
  readonly className?: string | undefined;
}

/**
 * The last hour at a glance: service level against target, people waiting, arrivals. Each minute
 * can be read under the pointer and with the arrow keys; a slider is what says so to everybody.
 */
export const Spark = memo(function Spark({ minutes, target, name, className }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState<number | null>(null);
  const id = useId();
  if (minutes.length === 0) {
    return <p className={`${styles.none} ${className ?? ''}`}>{t('trend.none')}</p>;
  }
  const last = minutes.length - 1;
  const index = Math.min(chosen ?? last, last);
  const minute = minutes[index] as TrendMinute;
  const text = minuteText(t, format, minute);
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setChosen(placeOf((event.clientX - box.left) / box.width, minutes.length));
  };
  const press = (event: KeyboardEvent) => {
    const next = stepOf(event.key, index, last);
    if (next === null) return;
    event.preventDefault();
    setChosen(next);
  };
  return (
    <div
      className={`${styles.spark} ${className ?? ''}`}
      role="slider"
      tabIndex={0}
      aria-label={t('trend.of', { name })}
      aria-describedby={id}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={index}
      aria-valuetext={text}
      onPointerMove={point}
      onPointerLeave={() => setChosen(null)}
      onBlur={() => setChosen(null)}
      onKeyDown={press}
    >
      <Drawing minutes={minutes} target={target} chosen={chosen === null ? null : index} />
      <span className={styles.tip} data-shown={chosen !== null} aria-hidden>
        {text}
      </span>
      <span id={id} className="sr-only">
        {summary(t, format, minutes, target)}
      </span>
    </div>
  );
});

interface DrawingProps {
  readonly minutes: readonly TrendMinute[];
  readonly target: number | null;
  readonly chosen: number | null;
}

const Drawing = memo(function Drawing({ minutes, target, chosen }: DrawingProps) {
  const x = (index: number): number => ((index + 0.5) * WIDTH) / minutes.length;
  const level = (ratio: number): number => 2 + (1 - ratio) * (HEIGHT - BARS - 4);
  const most = (of: (minute: TrendMinute) => number): number => Math.max(4, ...minutes.map(of));
  const arrivals = most((minute) => minute.arrivals);
  const waiting = most((minute) => minute.waiting);
  const bars = minutes
    .map(({ arrivals: value }, index) =>
      value === 0
        ? ''
        : `M${x(index).toFixed(1)} ${HEIGHT}v${(-(value / arrivals) * BARS).toFixed(1)}`,
    )
    .join('');
  const area = minutes
    .map(({ waiting: value }, index) => {
      const y = (HEIGHT - (value / waiting) * (HEIGHT - 4)).toFixed(1);
      return `L${(index * WIDTH) / minutes.length} ${y}H${((index + 1) * WIDTH) / minutes.length}`;
    })
    .join('');
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path className={styles.waiting} d={`M0 ${HEIGHT}${area}V${HEIGHT}Z`} />
      <path className={styles.arrivals} d={bars} />
      {target !== null && (
        <path className={styles.target} d={`M0 ${level(target).toFixed(1)}H${WIDTH}`} />
      )}
      <path className={styles.level} d={lineOf(minutes, x, level)} />
      {chosen !== null && <path className={styles.cursor} d={`M${x(chosen)} 0V${HEIGHT}`} />}
    </svg>
  );
});

/** Broken where nothing was decided: a line across a gap would claim what is not known. */
export function lineOf(
  minutes: readonly TrendMinute[],
  x: (index: number) => number,
  y: (ratio: number) => number,
): string {
  let drawing = false;
  return minutes
    .map((minute, index) => {
      if (minute.level === null) {
        drawing = false;
        return '';
      }
      const part = `${drawing ? 'L' : 'M'}${x(index).toFixed(1)} ${y(minute.level).toFixed(1)}`;
      drawing = true;
      return part;
    })
    .join('');
}

export const placeOf = (part: number, count: number): number =>
  Math.min(count - 1, Math.max(0, Math.floor(part * count)));

/** Where a key leads; null for one that means nothing here. */
export function stepOf(key: string, index: number, last: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - 10,
    PageUp: index + 10,
    Home: 0,
    End: last,
  };
  const next = steps[key];
  return next === undefined ? null : Math.min(last, Math.max(0, next));
}

type Translate = TFunction;

export function minuteText(t: Translate, format: Format, minute: TrendMinute): string {
  const { minuteMs, arrivals, waiting, level } = minute;
  return [
    format.time(minuteMs).slice(0, 5),
    level === null ? t('trend.noLevel') : t('trend.level', { level: format.percent(level) }),
    t('trend.waiting', { count: waiting }),
    t('trend.arrivals', { count: arrivals }),
  ].join(' · ');
}

function summary(
  t: Translate,
  format: Format,
  minutes: readonly TrendMinute[],
  target: number | null,
): string {
  const now = minutes.at(-1)?.level ?? null;
  const parts = [
    now === null ? t('trend.noLevel') : t('trend.level', { level: format.percent(now) }),
    target === null ? '' : t('trend.target', { target: format.percent(target) }),
    t('trend.mostWaiting', { count: Math.max(...minutes.map(({ waiting }) => waiting)) }),
    t('trend.hourArrivals', { count: minutes.reduce((sum, { arrivals }) => sum + arrivals, 0) }),
  ];
  return parts.filter((part) => part !== '').join('. ');
}
