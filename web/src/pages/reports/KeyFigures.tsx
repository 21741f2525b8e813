import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Verdict } from '../../api/types';
import { elapsed } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { VerdictMark } from '../../ui/marks';
import headline from '../history/Headline.module.css';
import { isFormula } from '../history/levels';
import { Interval, VerdictBar } from '../indicators/Bars';
import type { Level, Report } from './queries';
import styles from './Reports.module.css';

const VERDICTS = [
  'met',
  'breached',
  'abandoned',
  'refused',
  'excluded',
  'unknown',
] as const satisfies readonly Verdict[];
const MS = 1_000;

export function KeyFigures({
  report,
  points,
}: {
  report: Report;
  points: (difference: number) => string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { calls, visits } = report.total;
  const before = report.previous?.total;
  const name = report.promise?.service_level ?? '';
  const formula = isFormula(name) ? name : 'abandoned_within_count_for';
  const level = visits.service_levels[formula];
  const { coverage, blind } = report;
  const change = (now: number | null | undefined, then: number | null | undefined) =>
    now == null || then == null
      ? null
      : t('reports.before', { points: points(now - then), share: format.percent(then) });
  return (
    <div className={styles.cards}>
      <Card title={t('reports.kept')}>
        <Big level={calls.rate} target={report.promise?.target ?? null} />
        <p className={headline.made}>
          {t('reports.keptMade', {
            met: format.integer(calls.rate.ratio.numerator),
            judged: format.integer(calls.rate.ratio.denominator),
          })}
        </p>
        {calls.rate.ratio.value !== null && (
          <Interval
            value={{
              value: calls.rate.ratio.value,
              low: calls.rate.range.low.value,
              high: calls.rate.range.high.value,
            }}
          />
        )}
        <Small text={change(calls.rate.ratio.value, before?.calls.rate.ratio.value)} />
      </Card>
      <Card title={t('reports.calls')}>
        <p className={headline.big}>
          <strong>{format.integer(calls.calls)}</strong>
        </p>
        <VerdictBar parts={VERDICTS.map((verdict) => [verdict, calls[verdict]])} />
        <ul className={styles.verdicts}>
          {VERDICTS.map((verdict) => (
            <li key={verdict} title={t(`verdictHelp.${verdict}`)}>
              <VerdictMark verdict={verdict} /> {t(`verdict.${verdict}`)}{' '}
              <strong>{format.integer(calls[verdict])}</strong>
            </li>
          ))}
        </ul>
        {before !== undefined && before.calls.calls > 0 && (
          <Small text={t('reports.callsBefore', { calls: format.integer(before.calls.calls) })} />
        )}
      </Card>
      <Card title={t('reports.level')}>
        {level !== undefined && (
          <>
            <Big level={level} target={null} />
            <p className={headline.made}>
              {t(`history.formulaName.${formula}`)} · {format.integer(level.ratio.numerator)} /{' '}
              {format.integer(level.ratio.denominator)}
            </p>
            <Small
              text={change(level.ratio.value, before?.visits.service_levels[formula]?.ratio.value)}
            />
          </>
        )}
      </Card>
      <Card title={t('reports.coverage')}>
        <p className={headline.big}>
          <strong>
            {coverage.share.value === null ? '–' : format.percent(coverage.share.value)}
          </strong>
        </p>
        <Small
          text={
            blind.count === 0
              ? t('reports.coverageNone')
              : t('reports.coverageMade', {
                  count: blind.count,
                  length: elapsed(blind.open_s * MS),
                })
          }
        />
      </Card>
    </div>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.card} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

const Small = ({ text }: { text: string | null }) =>
  text === null ? null : <p className={styles.note}>{text}</p>;

function Big({ level, target }: { level: Level; target: number | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { value } = level.ratio;
  const [low, high] = [level.range.low.value, level.range.high.value];
  const missed = value !== null && target !== null && value < target;
  return (
    <p className={headline.big} data-missed={missed}>
      <strong>{value === null ? '–' : format.percent(value)}</strong>
      {low !== null && high !== null && format.percent(low) !== format.percent(high) && (
        <span className={headline.spread} title={t('reports.betweenHelp')}>
          {t('reports.between', { low: format.percent(low), high: format.percent(high) })}
        </span>
      )}
      {target !== null && value !== null && (
        <span className={headline.target}>
          {t(missed ? 'reports.targetMissed' : 'reports.targetKept', {
            share: format.percent(target),
          })}
        </span>
      )}
    </p>
  );
}
