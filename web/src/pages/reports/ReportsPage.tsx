/** The report on the commitment: choose a period, see its main results, take it as a file. */
import { useMutation } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { addTexts } from '../../i18n/add';
import en from '../../i18n/en/reports.json';
import fr from '../../i18n/fr/reports.json';
import { useTitle } from '../../shell/use-title';
import { useAddress } from '../../ui/use-address';
import { dateOf } from '../history/range';
import { useSession, zoneOf } from '../history/use-history';
import { periodOf } from '../indicators/period';
import { ByMail } from './ByMail';
import { useFaultText } from './faults';
import { Making } from './Making';
import { type Days, report } from './queries';
import { ReportResults } from './ReportResults';
import styles from './Reports.module.css';

addTexts(en, fr);

export default function ReportsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const zone = zoneOf(session);
  const [params, change] = useAddress();
  const now = useMemo(() => Date.now(), []);
  const period = useMemo(() => periodOf(params, '6m', now, zone), [params, now, zone]);
  const days: Days = { first: period.range.first, last: period.range.last };
  const making = useMutation({ mutationFn: report });
  const faultText = useFaultText();
  const results = useRef<HTMLDivElement>(null);
  const asked = making.variables;
  useTitle(t('reports.title'));
  useEffect(() => {
    if (making.data !== undefined) results.current?.focus({ preventScroll: true });
  }, [making.data]);
  return (
    <main id="content" className={styles.page}>
      <header className={styles.head}>
        <h1>{t('reports.title')}</h1>
        <p className={styles.intro}>{t('reports.intro')}</p>
      </header>
      <Making
        period={period}
        today={dateOf(now, zone)}
        counting={making.isPending}
        onChange={change}
        onMake={() => making.mutate(days)}
      />
      <div ref={results} tabIndex={-1} className={styles.results} aria-busy={making.isPending}>
        {making.isError && (
          <p role="alert" className={styles.fault}>
            {faultText(making.error)}
          </p>
        )}
        {making.data === undefined ? (
          !making.isError && (
            <p role="status" className={styles.unread}>
              {t(making.isPending ? 'history.counting' : 'reports.unread')}
            </p>
          )
        ) : (
          <ReportResults
            report={making.data}
            other={asked === undefined || asked.first !== days.first || asked.last !== days.last}
          />
        )}
      </div>
      <ByMail admin={session?.role === 'admin'} />
    </main>
  );
}
