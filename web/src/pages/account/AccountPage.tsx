/** One's own account: what one may see, the password, and where one is signed in. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import { Card } from '../../ui/form/Section';
import { useQueueWords } from '../settings/access/words';
import { Loading } from '../settings/parts/Loading';
import styles from './Account.module.css';
import { OwnPassword } from './OwnPassword';
import { OwnSessions } from './OwnSessions';
import { accountKey, type Own, ownAccount } from './queries';

export default function AccountPage() {
  const { t } = useTranslation();
  useTitle(t('app.ownAccount'));
  const account = useQuery({ queryKey: accountKey, queryFn: ownAccount });
  return (
    <main id="content" className={styles.page}>
      <h1 className={styles.title}>{t('app.ownAccount')}</h1>
      {account.isPending && <Loading />}
      {account.isError && account.data === undefined && (
        <ErrorNotice error={account.error} retry={() => void account.refetch()} />
      )}
      {account.data !== undefined && (
        <>
          <Rights own={account.data} />
          {account.data.has_password && <OwnPassword />}
        </>
      )}
      <OwnSessions />
    </main>
  );
}

function Rights({ own }: { own: Own }) {
  const { t } = useTranslation();
  const queues = useQueueWords();
  return (
    <Card title={own.name} lead={t('account.lead')}>
      <dl className={styles.facts}>
        <dt>{t('access.role')}</dt>
        <dd>
          <strong>{t(`role.${own.role}`)}</strong>
          <small>{t(`access.roleHelp.${own.role}`)}</small>
        </dd>
        <dt>{t('access.queues')}</dt>
        <dd>{queues(own.queues ?? null)}</dd>
        <dt>{t('access.numbers')}</dt>
        <dd>{t(own.sees_numbers ? 'account.numbersShown' : 'account.numbersMasked')}</dd>
        {own.issuer !== null && (
          <>
            <dt>{t('access.signsInBy')}</dt>
            <dd>{own.issuer}</dd>
          </>
        )}
      </dl>
    </Card>
  );
}
