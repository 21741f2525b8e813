/** What is sealed of the record: the head to keep, packs for auditors, and how to check them. */
import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { addTexts } from '../../i18n/add';
import en from '../../i18n/en/evidence.json';
import fr from '../../i18n/fr/evidence.json';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useSession } from '../../shell/use-session';
import { useTitle } from '../../shell/use-title';
import styles from './Evidence.module.css';
import { Head } from './Head';
import { Pack } from './Pack';
import { evidence, evidenceKey } from './queries';
import { SealList } from './SealList';
import { Problem, State } from './State';
import { RecordCheck, Verify } from './Verify';

addTexts(en, fr);

const MINUTE = 60_000;

export default function EvidencePage() {
  const { t } = useTranslation();
  useTitle(t('evidence.title'));
  return (
    <main id="content" className={styles.page}>
      <header className={styles.head}>
        <h1>{t('evidence.title')}</h1>
        <p className={styles.intro}>{t('evidence.intro')}</p>
      </header>
      <Body />
    </main>
  );
}

function Body() {
  const { t } = useTranslation();
  const format = useFormat();
  const admin = useSession()?.role === 'admin';
  const found = useQuery({
    queryKey: evidenceKey,
    queryFn: ({ signal }) => evidence(signal),
    refetchInterval: MINUTE,
  });
  if (found.data === undefined) {
    if (found.isError) {
      return <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
    }
    return (
      <Notice>
        <Loader aria-label={t('app.loading')} />
      </Notice>
    );
  }
  const status = found.data;
  const sealed = status.head !== '';
  return (
    <>
      <p role="status" className={styles.stale}>
        {found.isError && t('evidence.refresh', { time: format.time(found.dataUpdatedAt) })}
      </p>
      <Problem status={status} admin={admin} />
      <div className={styles.top}>
        <Head status={status} />
        <State status={status} />
      </div>
      <div className={styles.halves}>
        {sealed && (admin ? <Pack status={status} /> : <OnlyAdmins />)}
        <div className={styles.stack}>
          <Verify />
          <RecordCheck />
        </div>
      </div>
      {sealed && admin && <SealList newest={status.head} />}
    </>
  );
}

function OnlyAdmins() {
  const { t } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="pack-title">
      <h2 id="pack-title">{t('evidence.pack')}</h2>
      <p className={styles.note}>{t('evidence.packText')}</p>
      <p>{t('evidence.packAdmins')}</p>
    </section>
  );
}
