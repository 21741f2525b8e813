/** What is kept of people, how long and why; and what an admin does about it. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../shell/Notice';
import { Section } from '../../ui/form/Section';
import { Loading } from '../settings/parts/Loading';
import { WithSettings } from '../settings/parts/With';
import { FixedKinds, KeptKinds } from './Kinds';
import { PurgeCard } from './PurgeCard';
import { personalData, personalKey } from './queries';
import { RetentionForm } from './RetentionForm';
import { SubjectCard } from './SubjectCard';
import './texts';

/** A purge is looked after more often than what lies still. */
const HURRY_MS = 3_000;
const CALM_MS = 60_000;

export default function PersonalDataSection() {
  const { t } = useTranslation();
  const kept = useQuery({
    queryKey: personalKey,
    queryFn: personalData,
    refetchInterval: ({ state }) => (state.data?.running ? HURRY_MS : CALM_MS),
  });
  return (
    <Section title={t('settings.nav.personal-data')} lead={t('personal.lead')}>
      {kept.data === undefined ? (
        kept.isError ? (
          <ErrorNotice error={kept.error} retry={() => void kept.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <>
          <PurgeCard found={kept.data} stale={kept.isError} />
          <SubjectCard />
          <KeptKinds kinds={kept.data.kinds} />
          <WithSettings>
            {(settings) => <RetentionForm settings={settings} kinds={kept.data.kinds} />}
          </WithSettings>
          <FixedKinds kinds={kept.data.kinds} />
        </>
      )}
    </Section>
  );
}
