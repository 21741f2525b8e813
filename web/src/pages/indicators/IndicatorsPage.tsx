/**
 * All indicators of a period, in numbers: what each is, what it is made of, and its calls. The
 * history page draws some of them over time, and compares; each leads to the other.
 */
import { Loader } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { addTexts } from '../../i18n/add';
import en from '../../i18n/en/indicators.json';
import fr from '../../i18n/fr/indicators.json';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import { useMinute } from '../../ui/use-minute';
import { Blind } from '../history/Blind';
import { type Moments, momentsIn } from '../history/moments';
import { useSession, zoneOf } from '../history/use-history';
import { Agents } from './Agents';
import { Controls } from './Controls';
import styles from './Indicators.module.css';
import { Contents, IndicatorTable } from './IndicatorTable';
import { Policies, VoiceServers } from './Lists';
import type { Period } from './period';
import { type Asked, definitions, figuresOf, key } from './queries';
import { Summary } from './Summary';
import { useAsked } from './use-asked';
import { WaitsPanel } from './WaitsPanel';

addTexts(en, fr);

const MINUTE = 60_000;

export default function IndicatorsPage() {
  const { t, i18n } = useTranslation();
  const now = useMinute();
  const zone = zoneOf(useSession());
  const { asked, period, change } = useAsked(zone, now);
  const moments = momentsIn(
    i18n.resolvedLanguage ?? 'en',
    zone,
    asked.by === 'month' || asked.by === 'week' ? asked.by : 'day',
    period.range.days,
  );
  useTitle(t('indicators.title'));
  return (
    <main id="content" className={styles.page}>
      <Head period={period} asked={asked} moments={moments} zone={zone} />
      <Controls asked={asked} period={period} onChange={change} />
      <Body asked={asked} moments={moments} running={now < asked.range.to} />
    </main>
  );
}

function Head({
  period: { range },
  asked,
  moments,
  zone,
}: {
  period: Period;
  asked: Asked;
  moments: Moments;
  zone: string;
}) {
  const { t } = useTranslation();
  const there = new URLSearchParams({
    from: range.first,
    to: range.last,
    ...(asked.queue === null ? {} : { queue: asked.queue }),
    ...(asked.pbx === null ? {} : { pbx: asked.pbx }),
  });
  return (
    <header className={styles.head}>
      <h1>{t('indicators.title')}</h1>
      <p className={styles.sub}>
        {range.days === 1
          ? moments.date(range.from)
          : t('history.fromTo', { from: moments.date(range.from), to: moments.date(range.to - 1) })}
        <small>{t('history.zone', { zone })}</small>
      </p>
      <Link to={`/history?${there}`} className={styles.there}>
        {t('indicators.toHistory')}
      </Link>
      <p className={styles.intro}>{t('indicators.intro')}</p>
    </header>
  );
}

function Body({ asked, moments, running }: { asked: Asked; moments: Moments; running: boolean }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ['indicators', 'period', ...key(asked)],
    queryFn: ({ signal }) => figuresOf(asked, signal),
    placeholderData: keepPreviousData,
    refetchInterval: running ? MINUTE : false,
    staleTime: MINUTE,
  });
  const known = useQuery({
    queryKey: ['indicators', 'definitions'],
    queryFn: ({ signal }) => definitions(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const error = found.data === undefined ? found.error : known.error;
  if (error !== null) {
    return (
      <ErrorNotice
        error={error}
        retry={() => {
          void found.refetch();
          void known.refetch();
        }}
      />
    );
  }
  if (found.data === undefined || known.data === undefined) {
    return (
      <Notice>
        <Loader aria-label={t('app.loading')} />
      </Notice>
    );
  }
  const figures = found.data;
  const { calls, offered } = figures.total.values;
  const stale = found.isPlaceholderData;
  return (
    <div className={styles.body} data-stale={stale} aria-busy={stale}>
      <p role="status" className={styles.status}>
        {stale ? t('history.counting') : found.isError ? t('history.old') : ''}
      </p>
      <Blind intervals={figures.blind_intervals} moments={moments} />
      {!calls?.value && !offered?.value ? (
        <Notice>{t('history.nothing')}</Notice>
      ) : (
        <>
          <Summary figures={figures} definitions={known.data.calls} asked={asked} />
          <Contents definitions={[...known.data.calls, ...known.data.agents]} />
          <IndicatorTable
            figures={figures}
            definitions={known.data.calls}
            asked={asked}
            moments={moments}
            label={t('indicators.title')}
          />
          <Agents
            definitions={known.data.agents}
            asked={asked}
            moments={moments}
            running={running}
          />
          <WaitsPanel figures={figures} />
          <div className={styles.pair}>
            <VoiceServers figures={figures} />
            <Policies figures={figures} />
          </div>
        </>
      )}
    </div>
  );
}
