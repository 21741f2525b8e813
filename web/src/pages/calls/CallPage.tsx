import { Button, CopyButton, Loader } from '@mantine/core';
import { IconArrowLeft, IconChevronLeft, IconChevronRight, IconLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { ApiError } from '../../api/client';
import { callDetail, callKey } from '../../api/queries';
import type { CallDetail } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import { VerdictMark } from '../../ui/marks';
import { useCallReason } from '../../ui/reason';
import { callPath } from '../paths';
import { CallChart } from './CallChart';
import { CallFacts } from './CallFacts';
import { CallOverflow } from './CallOverflow';
import styles from './Calls.module.css';
import { CallTimeline } from './CallTimeline';
import { CallStays, CallVisits } from './CallVisits';
import { CallWhy } from './CallWhy';
import { decisionsKey, decisionsOf } from './queries';

/** A live call changes while it is looked at. */
const REFRESH_MS = 3_000;

const isLive = (call: CallDetail | undefined): boolean =>
  call !== undefined && call.ended_at === null && call.verdict !== 'unknown';

export default function CallPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery({
    queryKey: callKey(id),
    queryFn: () => callDetail(id),
    refetchInterval: ({ state }) => (isLive(state.data) ? REFRESH_MS : false),
  });
  return (
    <main id="content" className={styles.page}>
      <BackLink />
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

/** Back to the list as it was left, where one was; else to all calls. */
function BackLink() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { key } = useLocation();
  const first = key === 'default';
  return (
    <Link
      to="/calls"
      className={styles.back}
      onClick={(event) => {
        if (first || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        void navigate(-1);
      }}
    >
      <IconArrowLeft size={16} aria-hidden /> {t(first ? 'call.back' : 'call.backToList')}
    </Link>
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
  const now = useNow(isLive(call));
  const title = t('call.title', { caller: call.caller || t('caller.unknownNumber') });
  useTitle(title);
  const decided = call.timeline.filter(({ kind }) => kind === 'overflow_decided').length;
  const { data: decisions = [] } = useQuery({
    queryKey: [...decisionsKey(call.id), decided],
    queryFn: () => decisionsOf(call.id),
    enabled: decided > 0,
  });
  return (
    <>
      <Head call={call} title={title} />
      <CallChart call={call} now={now} />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <CallWhy call={call} />
          <CallOverflow call={call} decisions={decisions} />
          <CallFacts call={call} />
          <CallVisits call={call} />
          <CallStays call={call} />
        </div>
        <CallTimeline call={call} decisions={decisions} />
      </div>
    </>
  );
}

function Head({ call, title }: { call: CallDetail; title: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = useCallReason();
  return (
    <header className={styles.verdictHead} data-verdict={call.verdict}>
      <div className={styles.headLine}>
        <h1 className={styles.title}>{title}</h1>
        <span className={styles.note}>{format.dateTime(Date.parse(call.arrived_at))}</span>
        <div className={styles.actions}>
          <Neighbours call={call} />
          <CopyLink />
        </div>
      </div>
      <p className={styles.verdict}>
        <VerdictMark verdict={call.verdict} size="1.4em" />
        <strong>{t(`verdict.${call.verdict}`)}</strong>
        <span>{call.reason === '' ? t(`verdictHelp.${call.verdict}`) : reason(call)}</span>
      </p>
    </header>
  );
}

/** The same caller's other calls. */
function Neighbours({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const { previous_call, next_call } = call;
  if (previous_call === null && next_call === null) return null;
  return (
    <nav aria-label={t('call.sameCaller')} className={styles.actions}>
      {previous_call !== null && (
        <Button
          component={Link}
          to={callPath(previous_call)}
          replace
          variant="default"
          size="compact-md"
          leftSection={<IconChevronLeft size={16} aria-hidden />}
        >
          {t('call.previousCall')}
        </Button>
      )}
      {next_call !== null && (
        <Button
          component={Link}
          to={callPath(next_call)}
          replace
          variant="default"
          size="compact-md"
          rightSection={<IconChevronRight size={16} aria-hidden />}
        >
          {t('call.nextCall')}
        </Button>
      )}
    </nav>
  );
}

function CopyLink() {
  const { t } = useTranslation();
  return (
    <CopyButton value={window.location.href} timeout={2_000}>
      {({ copied, copy }) => (
        <>
          <Button
            variant="default"
            size="compact-md"
            leftSection={<IconLink size={16} aria-hidden />}
            onClick={copy}
          >
            {t(copied ? 'call.copied' : 'call.copyLink')}
          </Button>
          <span role="status" className={styles.hidden}>
            {copied ? t('call.copied') : ''}
          </span>
        </>
      )}
    </CopyButton>
  );
}

/** The time, each second while something runs. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, [running]);
  return now;
}
