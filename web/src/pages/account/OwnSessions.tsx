import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { ErrorNotice } from '../../shell/Notice';
import { Badge, Card } from '../../ui/form/Section';
import { Loading } from '../settings/parts/Loading';
import { useFault } from '../sign-in/faults';
import styles from './Account.module.css';
import { endOwnSession, type OwnSession, ownSessions, sessionsKey } from './queries';

export function OwnSessions() {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: sessionsKey, queryFn: ownSessions });
  return (
    <Card title={t('account.sessions')} lead={t('account.sessionsLead')}>
      {list.isPending && <Loading />}
      {list.isError && list.data === undefined && (
        <ErrorNotice error={list.error} retry={() => void list.refetch()} />
      )}
      <ul className={styles.sessions}>
        {list.data?.map((session) => (
          <SessionLine key={session.id} session={session} />
        ))}
      </ul>
    </Card>
  );
}

function SessionLine({ session }: { session: OwnSession }) {
  const { t } = useTranslation();
  const format = useFormat();
  const describe = useFault();
  const cache = useQueryClient();
  const end = useMutation({
    mutationFn: () => endOwnSession(session.id),
    onSettled: () => cache.invalidateQueries({ queryKey: sessionsKey }),
  });
  const moment = (at: string) => format.dateTime(Date.parse(at));
  const agent = session.agent || t('account.unknownBrowser');
  return (
    <li className={styles.session}>
      <div>
        <p>
          {agent}
          {session.current && <Badge tone="calm">{t('account.here')}</Badge>}
        </p>
        <small>
          {t('account.sessionFrom', {
            address: session.address,
            at: moment(session.created_at),
            seen: moment(session.last_seen_at),
          })}
        </small>
        {end.isError && <small role="alert">{describe(end.error).text}</small>}
      </div>
      {!session.current && (
        <Button
          variant="default"
          size="xs"
          loading={end.isPending}
          aria-label={t('account.endSessionOf', { agent, address: session.address })}
          onClick={() => end.mutate()}
        >
          {t('account.endSession')}
        </Button>
      )}
    </li>
  );
}
