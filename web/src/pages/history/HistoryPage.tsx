import { Loader, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ErrorNotice, Notice } from '../../shell/Notice';
import type { Change } from '../../ui/use-address';
import { useMinute } from '../../ui/use-minute';
import { Blind } from './Blind';
import { Controls } from './Controls';
import { Formulas } from './Formulas';
import { Headline } from './Headline';
import { HeatMap, METRICS, type Metric } from './HeatMap';
import styles from './History.module.css';
import type { Formula } from './levels';
import { type Moments, momentsIn } from './moments';
import { type Asked, key, type Series, series, tableUrl, waits, week } from './queries';
import { LevelChart, VolumeChart } from './SeriesCharts';
import { formulaOr, QueuesTable, SeriesTable, Unfold, WaitsTable } from './Tables';
import { type Shown, useHistory, useSession, zoneOf } from './use-history';
import { WaitsChart, WaitsChoice } from './WaitsChart';

const MINUTE = 60_000;

export default function HistoryPage() {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const now = useMinute();
  const [shown, change] = useHistory(zoneOf(session), now);
  const language = i18n.resolvedLanguage ?? 'en';
  useEffect(() => {
    document.title = `${t('history.title')} – ${t('app.name')}`;
  }, [t]);
  return (
    <main id="content" className={styles.page}>
      <header className={styles.head}>
        <h1>{t('history.title')}</h1>
        <p className={styles.sub}>
          <RangeWords shown={shown} language={language} />
        </p>
        <Link to={indicatorsPath(shown)} className={styles.there}>
          {t('history.allIndicators')}
        </Link>
      </header>
      <Controls shown={shown} onChange={change} />
      <Body shown={shown} onChange={change} language={language} now={now} />
    </main>
  );
}

/** The same range, queue and PBX in numbers. */
function indicatorsPath({ range, asked }: Shown): string {
  return `/indicators?${new URLSearchParams({
    from: range.first,
    to: range.last,
    ...(asked.queue === null ? {} : { queue: asked.queue }),
    ...(asked.pbx === null ? {} : { pbx: asked.pbx }),
  })}`;
}

function RangeWords({ shown, language }: { shown: Shown; language: string }) {
  const { t } = useTranslation();
  const { zone, range, other } = shown;
  const dates = momentsIn(language, zone, 'day', 1);
  const words = (from: number, to: number, one: boolean) =>
    one
      ? dates.long(from)
      : t('history.fromTo', { from: dates.date(from), to: dates.date(to - 1) });
  return (
    <>
      {words(range.from, range.to, range.days === 1)}
      {other !== null && (
        <>
          {' · '}
          {t('history.comparedWith', {
            range: words(other.range.from, other.range.to, range.days === 1),
          })}
        </>
      )}
      <small>{t('history.zone', { zone })}</small>
    </>
  );
}

/** Figures of a range that is not over are asked for again while the page is open. */
function useSeries(asked: Asked | null, shown: Shown, now: number) {
  const running = asked !== null && now < asked.range.to;
  return useQuery({
    queryKey: ['history', 'series', asked === null ? null : key(asked), shown.step],
    queryFn: ({ signal }) => series(asked as Asked, shown.step, signal),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    refetchInterval: running ? MINUTE : false,
    staleTime: MINUTE,
  });
}

function Body({
  shown,
  onChange,
  language,
  now,
}: {
  shown: Shown;
  onChange: (change: Change) => void;
  language: string;
  now: number;
}) {
  const { t } = useTranslation();
  const main = useSeries(shown.asked, shown, now);
  const compared = useSeries(shown.other, shown, now);
  if (main.isPending) {
    return (
      <Notice>
        <Loader aria-label={t('app.loading')} />
      </Notice>
    );
  }
  if (main.data === undefined) {
    return <ErrorNotice error={main.error} retry={() => void main.refetch()} />;
  }
  const stale = main.isPlaceholderData || (shown.other !== null && compared.isPlaceholderData);
  const formula = shown.formula ?? formulaOr(main.data.service_level, 'abandoned_within_count_for');
  const moments = momentsIn(language, shown.zone, main.data.step, shown.range.days);
  return (
    <div className={styles.body} data-stale={stale} aria-busy={stale}>
      <p role="status" className={styles.status}>
        {stale ? t('history.counting') : main.isError ? t('history.old') : ''}
      </p>
      <Figures
        shown={shown}
        data={main.data}
        other={shown.other === null ? null : (compared.data ?? null)}
        formula={formula}
        moments={moments}
        language={language}
        onChange={onChange}
      />
    </div>
  );
}

interface FiguresProps {
  readonly shown: Shown;
  readonly data: Series;
  readonly other: Series | null;
  readonly formula: Formula;
  readonly moments: Moments;
  readonly language: string;
  readonly onChange: (change: Change) => void;
}

function Figures({ shown, data, other, formula, moments, language, onChange }: FiguresProps) {
  const { t } = useTranslation();
  const { asked } = shown;
  const shared = { series: data, other, asked, formula, moments };
  const nothing = data.total.commitment.calls === 0 && data.total.queues.offered === 0;
  if (nothing) {
    return (
      <>
        <Blind intervals={data.blind_intervals} moments={moments} />
        <Notice>{t('history.nothing')}</Notice>
      </>
    );
  }
  return (
    <>
      <Blind intervals={data.blind_intervals} moments={moments} />
      <Headline {...shared} />
      <Panel title={t('history.levelTitle')} help={t('history.levelHelp')}>
        <LevelChart {...shared} />
      </Panel>
      <Panel title={t('history.volumeTitle')}>
        <VolumeChart {...shared} />
        <Unfold title={t('history.asTable')}>
          {() => (
            <>
              <p className={styles.tools}>
                <a href={tableUrl(asked, data.step)} download>
                  <IconDownload size="1em" aria-hidden /> {t('history.csv')}
                </a>
              </p>
              <SeriesTable {...shared} />
            </>
          )}
        </Unfold>
      </Panel>
      <Formulas
        series={data}
        formula={formula}
        onChange={(name) => onChange({ formula: name === data.service_level ? null : name })}
      />
      <WaitsPanel shown={shown} onChange={onChange} />
      <WeekPanel shown={shown} formula={formula} language={language} />
      {data.by_queue.length > 1 && (
        <Panel title={t('history.queuesTitle')} help={t('history.queuesHelp')}>
          <QueuesTable series={data} formula={formula} onChange={onChange} />
        </Panel>
      )}
    </>
  );
}

function WaitsPanel({ shown, onChange }: { shown: Shown; onChange: (change: Change) => void }) {
  const { t } = useTranslation();
  const { asked, other, of } = shown;
  const main = useQuery({
    queryKey: ['history', 'waits', key(asked), of],
    queryFn: ({ signal }) => waits(asked, of, signal),
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
  });
  const compared = useQuery({
    queryKey: ['history', 'waits', other === null ? null : key(other), of],
    queryFn: ({ signal }) => waits(other as Asked, of, signal),
    enabled: other !== null,
    staleTime: MINUTE,
  });
  return (
    <Panel
      title={t('history.waitsTitle')}
      help={t(`history.waitsHelp.${of}`)}
      tools={
        <WaitsChoice
          of={of}
          onChange={(next) => onChange({ waits: next === 'call' ? null : next })}
        />
      }
    >
      {main.data === undefined ? (
        <Pending error={main.error} retry={() => void main.refetch()} />
      ) : (
        <>
          <WaitsChart
            waits={main.data}
            other={other === null ? null : (compared.data ?? null)}
            asked={asked}
          />
          {main.data.unseen > 0 && (
            <p className={styles.note}>{t('history.unseen', { count: main.data.unseen })}</p>
          )}
          <WaitsUnfold waits={main.data} />
        </>
      )}
    </Panel>
  );
}

function WaitsUnfold(props: Parameters<typeof WaitsTable>[0]) {
  const { t } = useTranslation();
  return <Unfold title={t('history.asTable')}>{() => <WaitsTable {...props} />}</Unfold>;
}

function WeekPanel({
  shown,
  formula,
  language,
}: {
  shown: Shown;
  formula: Formula;
  language: string;
}) {
  const { t } = useTranslation();
  const [metric, setMetric] = useState<Metric>('level');
  const { asked } = shown;
  const found = useQuery({
    queryKey: ['history', 'week', key(asked)],
    queryFn: ({ signal }) => week(asked, signal),
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
  });
  const names = useMemo(
    () => METRICS.map((name) => ({ value: name, label: t(`history.metric.${name}`) })),
    [t],
  );
  return (
    <Panel
      title={t('history.weekTitle')}
      help={t(`history.weekHelp.${metric}`)}
      tools={
        <SegmentedControl
          size="xs"
          aria-label={t('history.weekMetric')}
          value={metric}
          onChange={(value) => setMetric(METRICS.find((name) => name === value) ?? 'level')}
          data={names}
        />
      }
    >
      {found.data === undefined ? (
        <Pending error={found.error} retry={() => void found.refetch()} />
      ) : (
        <HeatMap
          week={found.data}
          asked={asked}
          formula={formula}
          metric={metric}
          language={language}
        />
      )}
    </Panel>
  );
}

function Pending({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  if (error !== null) return <ErrorNotice error={error} retry={retry} />;
  return (
    <Notice>
      <Loader aria-label={t('app.loading')} />
    </Notice>
  );
}

function Panel({
  title,
  help,
  tools,
  children,
}: {
  title: string;
  help?: string;
  tools?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.panel} aria-label={title}>
      <div className={styles.panelHead}>
        <div>
          <h2>{title}</h2>
          {help !== undefined && <p className={styles.help}>{help}</p>}
        </div>
        {tools}
      </div>
      {children}
    </section>
  );
}
