/** Service level and volumes, hour by hour, day by day… */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import charts from './Charts.module.css';
import { Legend, type Sign } from './Legend';
import { boundsOf, type Formula, levelOf, spread } from './levels';
import type { Moments } from './moments';
import { countAxis, Plot, type Scale, shareAxis } from './Plot';
import { type Asked, callsLink, type Series, type SeriesBucket } from './queries';

interface Props {
  readonly series: Series;
  /** The range that it is compared with. */
  readonly other: Series | null;
  readonly asked: Asked;
  readonly formula: Formula;
  readonly moments: Moments;
}

/** So many dots and no more: then the line alone says it. */
const MOST_DOTS = 62;

/** Blind intervals in columns of the series. */
export function blindColumns(series: Series): readonly (readonly [number, number])[] {
  const edges = series.buckets.map(({ starts_at, ends_at }) => [
    Date.parse(starts_at),
    Date.parse(ends_at),
  ]);
  const place = (at: number): number => {
    const index = edges.findIndex(([, end]) => at < (end ?? 0));
    if (index < 0) return edges.length;
    const [begin = 0, end = 1] = edges[index] ?? [];
    return index + Math.max(0, at - begin) / (end - begin);
  };
  const end = Date.parse(series.to);
  return series.blind_intervals.map(({ started_at, ended_at }) => [
    place(Date.parse(started_at)),
    place(ended_at === null ? end : Math.min(end, Date.parse(ended_at))),
  ]);
}

function useColumns({ series, asked, moments }: Props) {
  const blind = useMemo(() => blindColumns(series), [series]);
  const starts = useMemo(
    () => series.buckets.map(({ starts_at }) => Date.parse(starts_at)),
    [series],
  );
  const bucket = (index: number) => series.buckets[index] as SeriesBucket;
  return {
    blind,
    bucket,
    count: series.buckets.length,
    labelOf: (index: number) => moments.short(starts[index] ?? 0),
    nameOf: (index: number) => moments.long(starts[index] ?? 0),
    linkOf: (index: number) => {
      const { starts_at, ends_at, commitment } = bucket(index);
      return commitment.calls === 0 ? null : callsLink(asked, starts_at, ends_at);
    },
  };
}

/** The share in percent, with the range in which it lies where something is unknown. */
export function useShare() {
  const format = useFormat();
  return (ratio: number | null, bounds?: { low: number | null; high: number | null }): string => {
    if (ratio === null) return '–';
    const between = bounds === undefined ? null : spread(bounds);
    if (between === null) return format.percent(ratio);
    return `${format.percent(ratio)} (${format.percent(between.low)}–${format.percent(between.high)})`;
  };
}

export function LevelChart(props: Props) {
  const { series, other, formula, moments } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const share = useShare();
  const columns = useColumns(props);
  const levels = series.buckets.map((bucket) => levelOf(bucket, formula).ratio);
  const rates = series.buckets.map(({ commitment }) => commitment.rate.ratio);
  const before = other?.buckets.slice(0, levels.length).map((one) => levelOf(one, formula).ratio);
  const target = series.service_level_target;
  const axis = shareAxis([...levels, ...rates, ...(before ?? []), target], moments.percent);
  const say = (index: number) => {
    const bucket = columns.bucket(index);
    const level = levelOf(bucket, formula);
    const { rate } = bucket.commitment;
    return {
      level: `${share(level.ratio, boundsOf(bucket, formula))} · ${format.integer(level.numerator)} / ${format.integer(level.denominator)}`,
      rate: `${share(rate.ratio, bucket.rate_bounds)} · ${format.integer(rate.numerator)} / ${format.integer(rate.denominator)}`,
      before: before === undefined ? null : share(before[index] ?? null),
    };
  };
  const legend: (readonly [Sign, string])[] = [
    ['level', t('history.level')],
    ['rate', t('history.rate')],
  ];
  if (target !== null) legend.push(['target', t('history.target', { share: share(target) })]);
  if (before !== undefined) legend.push(['other', t('history.otherLevel')]);
  if (columns.blind.length > 0) legend.push(['unknown', t('history.blind')]);
  return (
    <div className={charts.charts}>
      <Legend entries={legend} />
      <Plot
        label={t('history.levelChart')}
        count={columns.count}
        axis={axis}
        height={250}
        labelOf={columns.labelOf}
        linkOf={columns.linkOf}
        blind={columns.blind}
        textOf={(index) => {
          const said = say(index);
          return `${columns.nameOf(index)}: ${t('history.level')} ${said.level}; ${t('history.rate')} ${said.rate}`;
        }}
        readout={(index) => {
          const said = say(index);
          return (
            <>
              <strong>{columns.nameOf(index)}</strong>
              <span>
                {t('history.level')} <strong>{said.level}</strong>
              </span>
              <span>
                {t('history.rate')} <strong>{said.rate}</strong>
              </span>
              {said.before !== null && (
                <span>
                  {t('history.otherLevel')} {said.before}
                </span>
              )}
            </>
          );
        }}
      >
        {(scale) => (
          <>
            {series.buckets.map((bucket, index) => {
              const between = spread(boundsOf(bucket, formula));
              return between === null ? null : (
                <rect
                  key={bucket.starts_at}
                  className={charts.spread}
                  x={scale.x(index) + scale.band * 0.15}
                  width={scale.band * 0.7}
                  y={scale.y(between.high)}
                  height={Math.max(
                    1,
                    scale.y(Math.max(axis.min, between.low)) - scale.y(between.high),
                  )}
                />
              );
            })}
            {before !== undefined && <Line values={before} scale={scale} name="other" />}
            {target !== null && <Target value={target} scale={scale} text={share(target)} />}
            <Line values={rates} scale={scale} name="rate" dots={columns.count <= MOST_DOTS} />
            <Line values={levels} scale={scale} name="level" dots={columns.count <= MOST_DOTS} />
          </>
        )}
      </Plot>
    </div>
  );
}

function Target({ value, scale, text }: { value: number; scale: Scale; text: string }) {
  const y = scale.y(value);
  return (
    <>
      <line className={charts.target} x1={scale.left} x2={scale.right} y1={y} y2={y} />
      <text className={charts.targetText} x={scale.right - 2} y={y - 5}>
        {text}
      </text>
    </>
  );
}

/** A line that ends where nothing is known, and begins again after it. */
function Line({
  values,
  scale,
  name,
  dots = false,
}: {
  values: readonly (number | null)[];
  scale: Scale;
  name: 'level' | 'rate' | 'other';
  dots?: boolean;
}) {
  const middle = (index: number) => scale.x(index) + scale.band / 2;
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value !== null) {
      path += `${drawing ? 'L' : 'M'}${middle(index).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    }
    drawing = value !== null;
  });
  const dot = name === 'rate' ? charts.rateDot : charts.levelDot;
  const lonely = (index: number) => values[index - 1] == null && values[index + 1] == null;
  return (
    <>
      <path className={charts[name]} d={path} />
      {values.map((value, index) =>
        value !== null && (dots || lonely(index)) ? (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
            key={index}
            className={dot}
            cx={middle(index)}
            cy={scale.y(value)}
            r={name === 'rate' ? 2.4 : 3.2}
          />
        ) : null,
      )}
    </>
  );
}

// --- volumes -------------------------------------------------------------------------------------

const PARTS = ['within', 'late', 'abandoned', 'rest', 'unknown'] as const;
type Part = (typeof PARTS)[number];

export function partsOf({ queues }: SeriesBucket): Record<Part, number> {
  return {
    within: queues.answered_within,
    late: queues.answered - queues.answered_within,
    abandoned: queues.abandoned,
    rest: queues.left_otherwise,
    unknown: queues.unknown,
  };
}

export function VolumeChart(props: Props) {
  const { series, other } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const columns = useColumns(props);
  const before = other?.buckets.slice(0, columns.count).map(({ queues }) => queues.offered);
  const most = Math.max(
    1,
    ...series.buckets.map(({ queues }) => queues.offered),
    ...(before ?? []),
  );
  const present = PARTS.filter((part) => part !== 'unknown' || series.total.queues.unknown > 0);
  const legend: (readonly [Sign, string])[] = present.map((part) => [
    part,
    t(`history.part.${part}`),
  ]);
  if (before !== undefined) legend.push(['other', t('history.otherOffered')]);
  const words = (index: number) => {
    const parts = partsOf(columns.bucket(index));
    return present.map((part) => [t(`history.part.${part}`), format.integer(parts[part])] as const);
  };
  return (
    <div className={charts.charts}>
      <Legend entries={legend} />
      <Plot
        label={t('history.volumeChart')}
        count={columns.count}
        axis={countAxis(most, format.integer)}
        labelOf={columns.labelOf}
        linkOf={columns.linkOf}
        blind={columns.blind}
        textOf={(index) =>
          `${columns.nameOf(index)}: ${t('history.offered')} ${format.integer(columns.bucket(index).queues.offered)}; ${words(
            index,
          )
            .map(([name, value]) => `${name} ${value}`)
            .join('; ')}`
        }
        readout={(index) => (
          <>
            <strong>{columns.nameOf(index)}</strong>
            <span>
              {t('history.offered')}{' '}
              <strong>{format.integer(columns.bucket(index).queues.offered)}</strong>
            </span>
            {words(index).map(([name, value]) => (
              <span key={name}>
                {name} <strong>{value}</strong>
              </span>
            ))}
            {before !== undefined && (
              <span>
                {t('history.otherOffered')} {format.integer(before[index] ?? 0)}
              </span>
            )}
          </>
        )}
      >
        {(scale) => (
          <>
            {series.buckets.map((bucket, index) => (
              <Stack key={bucket.starts_at} bucket={bucket} index={index} scale={scale} />
            ))}
            {before !== undefined && <Steps values={before} scale={scale} />}
          </>
        )}
      </Plot>
    </div>
  );
}

function Stack({ bucket, index, scale }: { bucket: SeriesBucket; index: number; scale: Scale }) {
  const parts = partsOf(bucket);
  const gap = scale.band > 6 ? scale.band * 0.14 : 0;
  let sum = 0;
  return PARTS.map((part) => {
    const value = parts[part];
    if (value === 0) return null;
    const top = scale.y(sum + value);
    const height = scale.y(sum) - top;
    sum += value;
    return (
      <rect
        key={part}
        className={charts[part]}
        {...(part === 'unknown' ? { fill: scale.hatch } : {})}
        x={scale.x(index) + gap}
        width={Math.max(0.5, scale.band - 2 * gap)}
        y={top}
        height={height}
      />
    );
  });
}

function Steps({ values, scale }: { values: readonly number[]; scale: Scale }) {
  const path = values
    .map((value, index) => {
      const y = scale.y(value).toFixed(1);
      const from = scale.x(index).toFixed(1);
      const to = scale.x(index + 1).toFixed(1);
      return `${index === 0 ? 'M' : 'L'}${from} ${y}L${to} ${y}`;
    })
    .join('');
  return <path className={charts.other} d={path} />;
}
