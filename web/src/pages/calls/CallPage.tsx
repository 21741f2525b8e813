import { Loader } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { ApiError } from '../../api/client';
import { callDetail, callKey } from '../../api/queries';
import type { CallDetail } from '../../api/types';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { VerdictMark } from '../../ui/marks';
import { useReason } from '../../ui/reason';
import { CallFacts } from './CallFacts';
import { CallStays, CallVisits } from './CallJourney';
import styles from './Calls.module.css';
import { CallTimeline } from './CallTimeline';

/** A live call changes while it is looked at. */
const REFRESH_MS = 3_000;

export default function CallPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery({
    queryKey: callKey(id),
    queryFn: () => callDetail(id),
    refetchInterval: ({ state }) => (state.data?.ended_at === null ? REFRESH_MS : false),
  });
  return (
    <main id="content" className={styles.page}>
      <Link to="/calls" className={styles.back}>
        <IconArrowLeft size={16} aria-hidden /> {t('call.back')}
      </Link>
      {query.isPending && (
        <Notice>
          <Loader aria-label={t('app.loading')} />
        </Notice>
      )}
      {query.isError && query.data === undefined && (
        <Failure error={query.error} retry={() => void query.refetch()} />
      )}
      {query.data !== undefined && <CallView call={query.data} />}
    </main>
  );
}

function Failure({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation();
  if (error instanceof ApiError && error.status === 404)
    return <Notice>{t('call.missing')}</Notice>;
  return <ErrorNotice error={error} retry={retry} />;
}

function CallView({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const reason = useReason();
  const title = t('call.title', { caller: call.caller || t('caller.unknownNumber') });
  useEffect(() => {
    document.title = `${title} – ${t('app.name')}`;
  }, [title, t]);
  return (
    <>
      <header className={styles.verdictHead} data-verdict={call.verdict}>
        <h1 className={styles.title}>{title}</h1>
        <p className={styles.verdict}>
          <VerdictMark verdict={call.verdict} size="1.4em" />
          <strong>{t(`verdict.${call.verdict}`)}</strong>
          <span>{call.reason === '' ? t(`verdictHelp.${call.verdict}`) : reason(call.reason)}</span>
        </p>
      </header>
      <div className={styles.columns}>
        <div className={styles.stack}>
          <CallFacts call={call} />
          <CallVisits call={call} />
          <CallStays call={call} />
        </div>
        <CallTimeline call={call} />
      </div>
    </>
  );
}
