import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useId,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import styles from './Plot.module.css';
import { useWidth } from './use-width';

const LEFT = 46;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;
const LABEL = 62;

/** Where things are, in pixels. */
export interface Scale {
  readonly band: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** The left edge of a column. */
  x(index: number): number;
  y(value: number): number;
  /** The address of a pattern that is defined in this picture. */
  readonly hatch: string;
}

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
  text(value: number): string;
}

interface Props {
  /** What the picture shows, for who cannot see it. */
  readonly label: string;
  readonly count: number;
  readonly axis: Axis;
  readonly height?: number;
  /** Below the axis; of equal neighbours only the first is written. */
  labelOf(index: number): string;
  /** One column in a sentence. */
  textOf(index: number): string;
  /** What is said of one column above the picture. */
  readout(index: number): ReactNode;
  linkOf(index: number): string | null;
  /** Spans that were not observed, in columns: 1.5 is the middle of the second. */
  readonly blind?: readonly (readonly [number, number])[];
  children(scale: Scale): ReactNode;
}

/**
 * A picture of columns. Each can be read under the pointer and with the arrow keys, in the line
 * above, which leads to its calls; Enter and a click lead there too.
 */
export function Plot(props: Props) {
  const { label, count, axis, height = 220, blind = [] } = props;
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<number | null>(null);
  const hatch = useId().replace(/\W/g, '');
  const index = chosen === null ? null : Math.min(chosen, count - 1);
  const scale = scaleOf(Math.max(width, 200), height, count, axis, `url(#${hatch})`);
  const link = index === null ? null : props.linkOf(index);

  const placeOf = (event: PointerEvent<HTMLDivElement>): number => {
    const left = event.currentTarget.getBoundingClientRect().left + scale.left;
    const place = Math.floor((event.clientX - left) / scale.band);
    return Math.min(count - 1, Math.max(0, place));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = step(event.key, index, count);
    if (next !== null) {
      event.preventDefault();
      setChosen(next);
    } else if (event.key === 'Enter' && link !== null) {
      void navigate(link);
    }
  };

  return (
    <div className={styles.plot}>
      <div className={styles.readout}>
        {index === null ? (
          <span className={styles.hint}>{t('history.hint')}</span>
        ) : (
          <>
            {props.readout(index)}
            {link !== null && (
              <Link to={link} className={styles.calls}>
                {t('history.toCalls')}
              </Link>
            )}
          </>
        )}
      </div>
      <div
        ref={box}
        className={styles.picture}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={count}
        aria-valuenow={(index ?? count - 1) + 1}
        aria-valuetext={props.textOf(index ?? count - 1)}
        data-leads={link !== null}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setChosen(placeOf(event))}
        onPointerDown={(event) => setChosen(placeOf(event))}
        onPointerUp={(event) => {
          // A finger has nothing to point with first: it chooses, the line above leads on.
          const to = event.pointerType === 'mouse' ? props.linkOf(placeOf(event)) : null;
          if (to !== null && event.button === 0) void navigate(to);
        }}
      >
        {width > 0 && (
          <svg width={width} height={height} aria-hidden="true" className={styles.svg}>
            <defs>
              <pattern
                id={hatch}
                width="7"
                height="7"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(-45)"
              >
                <rect width="2.4" height="7" className={styles.hatch} />
              </pattern>
            </defs>
            <Grid axis={axis} scale={scale} />
            {index !== null && (
              <rect
                className={styles.chosen}
                x={scale.x(index)}
                y={scale.top}
                width={scale.band}
                height={scale.bottom - scale.top}
              />
            )}
            {props.children(scale)}
            {blind.map(([from, to]) => (
              <rect
                key={`${from} ${to}`}
                className={styles.blind}
                fill={scale.hatch}
                x={scale.x(from)}
                y={scale.top}
                width={Math.max(4, (to - from) * scale.band)}
                height={scale.bottom - scale.top}
              />
            ))}
            <Labels count={count} scale={scale} labelOf={props.labelOf} />
          </svg>
        )}
      </div>
    </div>
  );
}

function Grid({ axis, scale }: { axis: Axis; scale: Scale }) {
  return axis.ticks.map((tick) => (
    <g key={tick}>
      <line
        className={styles.grid}
        x1={scale.left}
        x2={scale.right}
        y1={scale.y(tick)}
        y2={scale.y(tick)}
      />
      <text className={styles.tick} x={scale.left - 7} y={scale.y(tick)} dy="0.32em">
        {axis.text(tick)}
      </text>
    </g>
  ));
}

function Labels({
  count,
  scale,
  labelOf,
}: {
  count: number;
  scale: Scale;
  labelOf: (index: number) => string;
}) {
  const marks: { index: number; text: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const text = labelOf(index);
    if (marks.at(-1)?.text !== text) marks.push({ index, text });
  }
  // Every mark, every second, third… one, as there is room.
  const room = (scale.right - scale.left) / Math.max(1, marks.length);
  const every = Math.max(1, Math.ceil(LABEL / room));
  return marks
    .filter((_, place) => place % every === 0)
    .map(({ index, text }) => {
      const alone = marks.length === count;
      const x = scale.x(index) + (alone ? scale.band / 2 : 0);
      return (
        <text
          key={index}
          className={styles.label}
          x={Math.min(x, scale.right - 8)}
          y={scale.bottom + 16}
          textAnchor={alone ? 'middle' : 'start'}
        >
          {text}
        </text>
      );
    });
}

function scaleOf(
  width: number,
  height: number,
  count: number,
  { min, max }: Axis,
  hatch: string,
): Scale {
  const [left, right, top, bottom] = [LEFT, width - RIGHT, TOP, height - BOTTOM];
  const band = (right - left) / Math.max(1, count);
  const high = max > min ? max - min : 1;
  return {
    band,
    left,
    right,
    top,
    bottom,
    x: (index) => left + index * band,
    y: (value) => bottom - ((value - min) / high) * (bottom - top),
    hatch,
  };
}

function step(key: string, index: number | null, count: number): number | null {
  const last = count - 1;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, index === null ? 0 : index + 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, index === null ? last : index - 1);
    case 'PageUp':
      return Math.min(last, (index ?? 0) + 10);
    case 'PageDown':
      return Math.max(0, (index ?? last) - 10);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** An axis of shares: from below the lowest value, in whole tenths, to one. */
export function shareAxis(values: readonly (number | null)[], text: (v: number) => string): Axis {
  const known = values.filter((value): value is number => value !== null);
  const low = known.length === 0 ? 0.5 : Math.min(...known);
  const min = Math.min(0.8, Math.max(0, Math.floor(low * 10 - 0.2) / 10));
  const step = 1 - min > 0.5 ? 0.2 : 0.1;
  const ticks: number[] = [];
  for (let tick = 1; tick > min - 1e-9; tick -= step) ticks.push(Math.round(tick * 100) / 100);
  return { min, max: 1, ticks, text };
}

/** An axis of counts from nought, in steps of 1, 2 or 5 times a power of ten. */
export function countAxis(most: number, text: (value: number) => string): Axis {
  const rough = Math.max(1, most) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const found = [1, 2, 5, 10].find((times) => times * power >= rough) ?? 10;
  const step = Math.max(1, found * power);
  const ticks: number[] = [];
  for (let tick = 0; tick < most + step; tick += step) ticks.push(tick);
  return { min: 0, max: ticks.at(-1) ?? step, ticks, text };
}
