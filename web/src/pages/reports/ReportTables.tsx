import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { momentsIn } from '../history/moments';
import { monthLink, useRatio } from './links';
import type { Report, Results } from './queries';
import styles from './Reports.module.css';

const VERDICTS = ['met', 'breached', 'abandoned', 'refused', 'excluded', 'unknown'] as const;
const MS = 1_000;

export function MonthTable({ report }: { report: Report }) {
  const { t, i18n } = useTranslation();
  const moments = momentsIn(i18n.resolvedLanguage ?? 'en', report.period.zone, 'month', 365);
  return (
    <Frame first={t('reports.month')} label={t('reports.months')} target={null}>
      {report.months.map(({ month, from, results }, index) => {
        const to = monthLink(report, index);
        const name = moments.long(Date.parse(from));
        return (
          <Line
            key={month}
            name={to === null ? name : <Link to={to}>{name}</Link>}
            results={results}
            report={report}
          />
        );
      })}
      {report.months.length > 1 && (
        <Line name={t('reports.total')} results={report.total} report={report} last />
      )}
    </Frame>
  );
}

export function QueueTable({ report }: { report: Report }) {
  const { t } = useTranslation();
  const several = report.pbxs.length > 1;
  return (
    <Frame first={t('reports.queue')} label={t('reports.queues')} target={t('reports.target')}>
      {report.queues.map(({ pbx, queue, label, target, results }) => (
        <Line
          key={`${pbx} ${queue}`}
          name={
            <>
              {queue === '' ? t('reports.noQueue') : label || queue}
              {several && <small> {pbx}</small>}
            </>
          }
          results={results}
          report={report}
          target={target}
        />
      ))}
    </Frame>
  );
}

function Frame({
  first,
  label,
  target,
  children,
}: {
  first: string;
  label: string;
  target: string | null;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            <th scope="col">{t('reports.calls')}</th>
            {VERDICTS.map((verdict) => (
              <th key={verdict} scope="col">
                {t(`verdict.${verdict}`)}
              </th>
            ))}
            <th scope="col">{t('reports.rate')}</th>
            {target !== null && <th scope="col">{target}</th>}
            <th scope="col">{t('reports.level')}</th>
            <th scope="col">{t('reports.asa')}</th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function Line({
  name,
  results: { calls, visits },
  report,
  target,
  last = false,
}: {
  name: ReactNode;
  results: Results;
  report: Report;
  target?: number | null;
  last?: boolean;
}) {
  const format = useFormat();
  const ratio = useRatio();
  const aim = target === undefined ? (report.promise?.target ?? null) : target;
  const rate = calls.rate.ratio.value;
  const level = visits.service_levels[report.promise?.service_level ?? ''];
  return (
    <tr data-last={last}>
      <th scope="row">{name}</th>
      <td>{format.integer(calls.calls)}</td>
      {VERDICTS.map((verdict) => (
        <td key={verdict}>{format.integer(calls[verdict])}</td>
      ))}
      <td data-missed={rate !== null && aim !== null && rate < aim}>{ratio(calls.rate)}</td>
      {target !== undefined && <td>{target === null ? '–' : format.percent(target)}</td>}
      <td>{ratio(level)}</td>
      <td>{visits.waits.mean_s === null ? '–' : span(visits.waits.mean_s * MS)}</td>
    </tr>
  );
}
