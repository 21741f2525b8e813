/** The main results of a report; all of it is in its files. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/use-format';
import { momentsIn } from '../history/moments';
import { policyPath } from '../paths';
import { Beside } from './Beside';
import { KeyFigures } from './KeyFigures';
import { MonthChart } from './MonthChart';
import type { Report } from './queries';
import styles from './Reports.module.css';
import { MonthTable, QueueTable } from './ReportTables';
import { isPlainReason } from './reasons';

export function ReportResults({ report, other }: { report: Report; other: boolean }) {
  const { t, i18n } = useTranslation();
  const { period } = report;
  const days = momentsIn(i18n.resolvedLanguage ?? 'en', period.zone, 'month', 365);
  const [from, to] = [Date.parse(period.from), Date.parse(period.to)];
  const words = t('history.fromTo', { from: days.date(from), to: days.date(to - 1) });
  const begins = report.coverage.record_begins;
  return (
    <>
      <div className={styles.resultHead}>
        <h2>{t('reports.of', { period: words })}</h2>
        {report.promise !== null && (
          <p className={styles.promise}>
            {t('reports.promise', {
              within: t('history.seconds', { seconds: report.promise.within_s }),
            })}
          </p>
        )}
        {other && (
          <p role="status" className={styles.warning}>
            {t('reports.other')}
          </p>
        )}
        {report.queues_only !== null && (
          <p className={styles.note}>
            {t('reports.only', {
              queues: report.queues_only.map(([, queue]) => queue).join(', ') || '–',
            })}
          </p>
        )}
        {begins !== null && (
          <p className={styles.note}>
            {t('reports.begins', { at: days.date(Date.parse(begins)) })}
          </p>
        )}
      </div>
      {report.total.calls.calls === 0 ? (
        <p className={styles.unread}>{t('reports.nothing')}</p>
      ) : (
        <>
          <KeyFigures report={report} points={days.points} />
          <div className={styles.panel}>
            <h3 id="months-title">{t('reports.months')}</h3>
            <p className={styles.note}>{t('reports.monthsHelp')}</p>
            {report.months.length > 1 && <MonthChart report={report} />}
            <MonthTable report={report} />
          </div>
          <div className={styles.panel}>
            <h3 id="queues-title">{t('reports.queues')}</h3>
            <p className={styles.note}>{t('reports.queuesHelp')}</p>
            <QueueTable report={report} />
          </div>
          <div className={styles.trio}>
            <Beside report={report} />
            <LeftOut report={report} />
            <InForce report={report} />
            <Sealed report={report} />
          </div>
          <p className={styles.note}>{t('reports.inFile')}</p>
        </>
      )}
    </>
  );
}

function LeftOut({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { exclusions, period } = report;
  const { corrected } = report.total.calls;
  const link = (reason: string) =>
    `/calls?${new URLSearchParams({ from: period.from, to: period.to, verdict: 'excluded', reason })}`;
  return (
    <section className={styles.panel} aria-labelledby="left-title">
      <h3 id="left-title">{t('reports.leftOut')}</h3>
      {exclusions.length === 0 && <p className={styles.note}>{t('reports.leftOutNone')}</p>}
      <ul className={styles.lines}>
        {exclusions.map(({ reason, calls }) => (
          <li key={reason}>
            <span>
              {isPlainReason(reason) ? t(`reason.${reason}`) : t('reasonUnknown', { code: reason })}
            </span>
            {report.queues_only === null ? (
              <Link to={link(reason)}>{format.integer(calls)}</Link>
            ) : (
              <span>{format.integer(calls)}</span>
            )}
          </li>
        ))}
      </ul>
      {corrected > 0 && (
        <p className={styles.note}>
          {t('reports.corrected', { count: corrected, number: format.integer(corrected) })}
        </p>
      )}
    </section>
  );
}

function InForce({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section className={styles.panel} aria-labelledby="force-title">
      <h3 id="force-title">{t('reports.inForce')}</h3>
      <ul className={styles.lines}>
        {report.policies.map(({ version, from, calls }) => (
          <li key={version}>
            <span>
              <Link to={policyPath(version)}>{t('reports.version', { version })}</Link>{' '}
              <small>{format.dateTime(Date.parse(from))}</small>
            </span>
            <span>
              {t('reports.versionCalls', { count: calls, number: format.integer(calls) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sealed({ report }: { report: Report }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { sealed } = report;
  return (
    <section className={styles.panel} aria-labelledby="sealed-title">
      <h3 id="sealed-title">{t('reports.sealed')}</h3>
      {sealed === null || sealed.head === '' ? (
        <p className={styles.note}>{t('reports.sealedNone')}</p>
      ) : (
        <>
          {sealed.days !== null && (
            <p className={styles.note}>
              {t('reports.sealedMade', {
                days: format.integer(sealed.days),
                open: format.integer(sealed.open_days ?? 0),
              })}
            </p>
          )}
          <p className={styles.note}>{t('reports.head')}</p>
          <p>
            <code className={styles.head64}>{sealed.head}</code>
          </p>
        </>
      )}
      <Link to="/evidence">{t('reports.toEvidence')}</Link>
    </section>
  );
}
