import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import charts from './Charts.module.css';
import { Legend, type Sign } from './Legend';
import { countAxis, Plot } from './Plot';
import { type Asked, callsLink, type Waits, type WaitsOf } from './queries';

const PARTS = ['answered', 'abandoned', 'other'] as const;
const CLASS = { answered: 'within', abandoned: 'abandoned', other: 'rest' } as const;
/** What is longer than three minutes is one column: so long it would be. */
const BIN_S = 5;
/** Calls with a threshold that is as rare are not worth a line of their own. */
const RARE = 0.02;

interface Props {
  readonly waits: Waits;
  readonly other: Waits | null;
  readonly asked: Asked;
}

/** How long callers waited, with the line of the commitment: what lies left of it was in time. */
export function WaitsChart({ waits, other, asked }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const of = waits.of;
  const sums = waits.bins.map((bin) => bin.answered + bin.abandoned + bin.other);
  const total = sums.reduce((sum, many) => sum + many, 0);
  // Another range has more or fewer calls: its shape is what is compared.
  const shape = other === null ? null : shapeOf(other, total);
  const most = Math.max(1, ...sums, ...(shape ?? []));
  const lines = waits.thresholds.filter(({ waits: many }) => many >= total * RARE);
  const nameOf = (index: number): string => {
    const bin = waits.bins[index];
    if (bin === undefined) return '';
    return bin.to_s === null
      ? t('history.longer', { from: bin.from_s })
      : t('history.between', { from: bin.from_s, to: bin.to_s });
  };
  const upTo = (index: number): string => {
    const sum = sums.slice(0, index + 1).reduce((all, many) => all + many, 0);
    return total === 0 ? '–' : format.percent(sum / total);
  };
  const words = (index: number) =>
    PARTS.map(
      (part) =>
        [
          t(`history.became.${of}.${part}`),
          format.integer(waits.bins[index]?.[part] ?? 0),
        ] as const,
    );
  const legend: (readonly [Sign, string])[] = PARTS.map((part) => [
    CLASS[part],
    t(`history.became.${of}.${part}`),
  ]);
  for (const { within_s } of lines.slice(0, 1)) {
    legend.push(['threshold', t(`history.threshold.${of}`, { seconds: within_s })]);
  }
  if (shape !== null) legend.push(['other', t('history.otherWaits')]);
  return (
    <div className={charts.charts}>
      <Legend entries={legend} />
      <Plot
        label={t(`history.waitsChart.${of}`)}
        count={waits.bins.length}
        axis={countAxis(most, format.integer)}
        labelOf={(index) => {
          const from = waits.bins[index]?.from_s ?? 0;
          return t('history.seconds', { seconds: Math.floor(from / 30) * 30 });
        }}
        linkOf={(index) => {
          const bin = waits.bins[index];
          // The list of calls knows the call's wait, and not each queue's.
          if (bin === undefined || of === 'visit' || (sums[index] ?? 0) === 0) return null;
          return callsLink(asked, asked.range.from, asked.range.to, {
            min_wait: String(bin.from_s),
            ...(bin.to_s === null ? {} : { max_wait: String(bin.to_s) }),
          });
        }}
        textOf={(index) =>
          `${nameOf(index)}: ${words(index)
            .map(([name, many]) => `${name} ${many}`)
            .join('; ')}`
        }
        readout={(index) => (
          <>
            <strong>{nameOf(index)}</strong>
            {words(index).map(([name, many]) => (
              <span key={name}>
                {name} <strong>{many}</strong>
              </span>
            ))}
            <span>{t('history.upTo', { share: upTo(index) })}</span>
          </>
        )}
      >
        {(scale) => (
          <>
            {waits.bins.map((bin, index) => {
              let sum = 0;
              return PARTS.map((part) => {
                const value = bin[part];
                if (value === 0) return null;
                const top = scale.y(sum + value);
                const height = scale.y(sum) - top;
                sum += value;
                return (
                  <rect
                    key={`${bin.from_s} ${part}`}
                    className={charts[CLASS[part]]}
                    x={scale.x(index) + scale.band * 0.1}
                    width={scale.band * 0.8}
                    y={top}
                    height={height}
                  />
                );
              });
            })}
            {shape !== null && (
              <path
                className={charts.other}
                d={shape
                  .map((value, index) => {
                    const y = scale.y(value).toFixed(1);
                    return `${index === 0 ? 'M' : 'L'}${scale.x(index)} ${y}L${scale.x(index + 1)} ${y}`;
                  })
                  .join('')}
              />
            )}
            {lines.map(({ within_s }) => {
              const x = scale.x(Math.min(waits.bins.length - 1, within_s / BIN_S));
              return (
                <g key={within_s}>
                  <line
                    className={charts.threshold}
                    x1={x}
                    x2={x}
                    y1={scale.top}
                    y2={scale.bottom}
                  />
                  <text className={charts.targetText} x={x + 34} y={scale.top + 11}>
                    {t('history.seconds', { seconds: within_s })}
                  </text>
                </g>
              );
            })}
          </>
        )}
      </Plot>
    </div>
  );
}

function shapeOf(other: Waits, total: number): readonly number[] {
  const sums = other.bins.map((bin) => bin.answered + bin.abandoned + bin.other);
  const all = sums.reduce((sum, many) => sum + many, 0);
  return sums.map((many) => (all === 0 ? 0 : (many / all) * total));
}

export function WaitsChoice({ of, onChange }: { of: WaitsOf; onChange: (of: WaitsOf) => void }) {
  const { t } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('history.waitsOf')}
      value={of}
      onChange={(value) => onChange(value === 'visit' ? 'visit' : 'call')}
      data={[
        { value: 'call', label: t('history.waitsOfCall') },
        { value: 'visit', label: t('history.waitsOfVisit') },
      ]}
    />
  );
}
