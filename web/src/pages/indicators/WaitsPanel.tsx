/** How long callers waited: the whole seconds of the answer, in steps, with the commitment's line. */
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import charts from '../history/Charts.module.css';
import { Legend, type Sign } from '../history/Legend';
import { countAxis, Plot } from '../history/Plot';
import { type Bin, binned, STEP_S } from './bins';
import styles from './Indicators.module.css';
import type { PeriodFigures } from './queries';

const KINDS = ['handled', 'answered'] as const;
type Kind = (typeof KINDS)[number];
/** A threshold that hardly any call has is not worth a line. */
const RARE = 0.02;

export function WaitsPanel({ figures }: { figures: PeriodFigures }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>('handled');
  const counts = kind === 'handled' ? figures.waits : figures.answered_waits;
  const bins = useMemo(() => binned(counts), [counts]);
  const judged = figures.thresholds.reduce((sum, { calls }) => sum + calls, 0);
  const lines =
    kind === 'answered' ? [] : figures.thresholds.filter(({ calls }) => calls >= judged * RARE);
  return (
    <section className={styles.panel} aria-labelledby="waits-title">
      <div className={styles.panelHead}>
        <div>
          <h2 id="waits-title">{t('indicators.waitsTitle')}</h2>
          <p className={styles.note}>{t(`indicators.waitsHelp.${kind}`)}</p>
        </div>
        <SegmentedControl
          size="xs"
          aria-label={t('history.waitsOf')}
          value={kind}
          onChange={(value) => setKind(KINDS.find((one) => one === value) ?? 'handled')}
          data={KINDS.map((one) => ({ value: one, label: t(`indicators.waitsOf.${one}`) }))}
        />
      </div>
      {bins.every(({ many }) => many === 0) ? (
        <p className={styles.note}>{t('indicators.waitsNone')}</p>
      ) : (
        <Chart bins={bins} kind={kind} lines={lines.map(({ within_s }) => within_s)} />
      )}
    </section>
  );
}

function Chart({
  bins,
  kind,
  lines,
}: {
  bins: readonly Bin[];
  kind: Kind;
  lines: readonly number[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const total = bins.reduce((sum, { many }) => sum + many, 0);
  const first = lines[0];
  const nameOf = (index: number): string => {
    const { over, upTo } = bins[index] ?? { over: 0, upTo: null };
    if (upTo === null) return t('indicators.binLast', { from: over });
    return over === 0
      ? t('indicators.binFirst', { to: upTo })
      : t('indicators.bin', { from: over, to: upTo });
  };
  const many = (index: number) => bins[index]?.many ?? 0;
  const until = (index: number) =>
    bins.slice(0, index + 1).reduce((sum, bin) => sum + bin.many, 0) / total;
  const legend: (readonly [Sign, string])[] = [];
  if (first !== undefined) {
    legend.push(
      ['within', t('indicators.handledInTime', { seconds: first })],
      ['late', t('indicators.handledLater')],
      ['threshold', t('indicators.line', { seconds: first })],
    );
  }
  return (
    <div className={charts.charts}>
      {legend.length > 0 && <Legend entries={legend} />}
      <Plot
        label={t(`indicators.waitsChart.${kind}`)}
        count={bins.length}
        axis={countAxis(Math.max(1, ...bins.map((bin) => bin.many)), format.integer)}
        labelOf={(index) =>
          t('history.seconds', { seconds: Math.floor((bins[index]?.over ?? 0) / 30) * 30 })
        }
        // The list of calls knows another wait: of all calls, handled or not.
        linkOf={() => null}
        textOf={(index) => `${nameOf(index)}: ${format.integer(many(index))}`}
        readout={(index) => (
          <>
            <strong>{nameOf(index)}</strong>
            <span>
              <strong>{format.integer(many(index))}</strong>
            </span>
            <span>{t('indicators.many', { share: format.percent(many(index) / total) })}</span>
            <span>{t('indicators.upTo', { share: format.percent(until(index)) })}</span>
          </>
        )}
      >
        {(scale) => (
          <>
            {bins.map(({ over, upTo, many: calls }, index) => (
              <rect
                key={over}
                className={
                  first === undefined || (upTo !== null && upTo <= first)
                    ? charts.within
                    : charts.late
                }
                x={scale.x(index) + scale.band * 0.1}
                width={scale.band * 0.8}
                y={scale.y(calls)}
                height={scale.bottom - scale.y(calls)}
              />
            ))}
            {lines.map((within) => {
              const x = scale.x(Math.min(bins.length - 1, within / STEP_S));
              return (
                <line
                  key={within}
                  className={charts.threshold}
                  x1={x}
                  x2={x}
                  y1={scale.top}
                  y2={scale.bottom}
                />
              );
            })}
          </>
        )}
      </Plot>
    </div>
  );
}
