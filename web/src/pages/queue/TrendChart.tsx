import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import type { TrendMinute } from '../../live/trend';
import { lineOf, minuteText, placeOf, stepOf } from '../live/Spark';
import styles from './TrendChart.module.css';

const WIDTH = 600;
const HEIGHT = 100;
/** A label below the axis at each quarter of an hour. */
const QUARTER = 15;

interface Props {
  readonly minutes: readonly TrendMinute[];
  readonly target: number | null;
  readonly name: string;
}

/** The last hour in three bands of one time axis; each minute can be read by pointer and keys. */
export function TrendChart({ minutes, target, name }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState<number | null>(null);
  const last = minutes.length - 1;
  const index = Math.min(chosen ?? last, last);
  const minute = minutes[index];
  if (minute === undefined) return <p className={styles.text}>{t('trend.none')}</p>;
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
  const waiting = Math.max(1, ...minutes.map((one) => one.waiting));
  const arrivals = Math.max(1, ...minutes.map((one) => one.arrivals));
  return (
    <div className={styles.chart}>
      <p className={styles.text} aria-hidden>
        {text}
      </p>
      <div
        className={styles.bands}
        role="slider"
        tabIndex={0}
        aria-label={t('trend.of', { name })}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={index}
        aria-valuetext={text}
        onPointerMove={point}
        onPointerLeave={() => setChosen(null)}
        onBlur={() => setChosen(null)}
        onKeyDown={press}
      >
        <Band label={t('queue.serviceLevel')} most={format.percent(1)}>
          {target !== null && <path className={styles.target} d={`M0 ${level(target)}H${WIDTH}`} />}
          <path className={styles.level} d={lineOf(minutes, (at) => middle(at, last), level)} />
        </Band>
        <Band label={t('queue.waiting')} most={format.integer(waiting)}>
          <path className={styles.waiting} d={bars(minutes, (one) => one.waiting / waiting, 1)} />
        </Band>
        <Band label={t('trend.arrivalsTitle')} most={format.integer(arrivals)}>
          <path
            className={styles.arrivals}
            d={bars(minutes, (one) => one.arrivals / arrivals, 0.7)}
          />
        </Band>
        {chosen !== null && (
          <span
            className={styles.cursor}
            style={{ left: `${((index + 0.5) / minutes.length) * 100}%` }}
          />
        )}
      </div>
      <div className={styles.axis} aria-hidden>
        {minutes
          .filter((_, at) => at % QUARTER === 0 || at === last)
          .map(({ minuteMs }) => (
            <span key={minuteMs}>{format.time(minuteMs).slice(0, 5)}</span>
          ))}
      </div>
    </div>
  );
}

interface BandProps {
  readonly label: string;
  readonly most: string;
  readonly children: ReactNode;
}

function Band({ label, most, children }: BandProps) {
  return (
    <div className={styles.band} aria-hidden>
      <span className={styles.label}>{label}</span>
      <span className={styles.most}>{most}</span>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {children}
      </svg>
    </div>
  );
}

const middle = (at: number, last: number): number => ((at + 0.5) * WIDTH) / (last + 1);
const level = (ratio: number): number => 2 + (1 - ratio) * (HEIGHT - 4);

/** `width`: the part of its minute that a bar takes up. */
function bars(
  minutes: readonly TrendMinute[],
  heightOf: (minute: TrendMinute) => number,
  width: number,
): string {
  const step = WIDTH / minutes.length;
  return minutes
    .map((minute, at) => {
      const height = heightOf(minute) * HEIGHT;
      if (height === 0) return '';
      const left = (at + (1 - width) / 2) * step;
      return `M${left.toFixed(1)} ${HEIGHT}v${(-height).toFixed(1)}h${(step * width).toFixed(1)}V${HEIGHT}Z`;
    })
    .join('');
}
