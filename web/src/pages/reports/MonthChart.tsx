import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import charts from '../history/Charts.module.css';
import { Legend, type Sign } from '../history/Legend';
import { momentsIn } from '../history/moments';
import { Plot, shareAxis } from '../history/Plot';
import { monthLink, useRatio } from './links';
import type { Report } from './queries';

/** The commitment by month, with the range of each where something is unknown. */
export function MonthChart({ report }: { report: Report }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const ratio = useRatio();
  const moments = momentsIn(i18n.resolvedLanguage ?? 'en', report.period.zone, 'month', 365);
  const { months } = report;
  const rates = months.map(({ results }) => results.calls.rate);
  const target = report.promise?.target ?? null;
  const nameOf = (index: number) => moments.long(Date.parse(months[index]?.from ?? ''));
  const legend: (readonly [Sign, string])[] = [['level', t('reports.rate')]];
  if (target !== null)
    legend.push(['target', t('history.target', { share: format.percent(target) })]);
  const say = (index: number): string => {
    const rate = rates[index];
    return rate === undefined
      ? '–'
      : `${ratio(rate)} · ${format.integer(rate.ratio.numerator)} / ${format.integer(rate.ratio.denominator)}`;
  };
  return (
    <div className={charts.charts}>
      <Legend entries={legend} />
      <Plot
        label={t('reports.chart')}
        count={months.length}
        axis={shareAxis(
          [...rates.flatMap(({ ratio: { value }, range }) => [value, range.low.value]), target],
          moments.percent,
        )}
        height={190}
        labelOf={(index) => moments.short(Date.parse(months[index]?.from ?? ''))}
        linkOf={(index) => monthLink(report, index)}
        textOf={(index) => `${nameOf(index)}: ${say(index)}`}
        readout={(index) => (
          <>
            <strong>{nameOf(index)}</strong>
            <span>
              {t('reports.rate')} <strong>{say(index)}</strong>
            </span>
          </>
        )}
      >
        {(scale) => {
          const middle = (index: number) => scale.x(index) + scale.band / 2;
          let path = '';
          let drawing = false;
          rates.forEach(({ ratio: { value } }, index) => {
            if (value !== null) path += `${drawing ? 'L' : 'M'}${middle(index)} ${scale.y(value)}`;
            drawing = value !== null;
          });
          return (
            <>
              {target !== null && (
                <line
                  className={charts.target}
                  x1={scale.left}
                  x2={scale.right}
                  y1={scale.y(target)}
                  y2={scale.y(target)}
                />
              )}
              {rates.map(({ range: { low, high } }, index) =>
                low.value === null || high.value === null || low.value === high.value ? null : (
                  <rect
                    key={months[index]?.month}
                    className={charts.spread}
                    x={middle(index) - 12}
                    width={24}
                    y={scale.y(high.value)}
                    height={Math.max(2, scale.y(low.value) - scale.y(high.value))}
                  />
                ),
              )}
              <path className={charts.level} d={path} />
              {rates.map(({ ratio: { value } }, index) =>
                value === null ? null : (
                  <circle
                    key={months[index]?.month}
                    className={charts.levelDot}
                    cx={middle(index)}
                    cy={scale.y(value)}
                    r={3.2}
                  />
                ),
              )}
            </>
          );
        }}
      </Plot>
    </div>
  );
}
