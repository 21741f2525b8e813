import { Loader, NativeSelect, TextInput } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/use-format';
import { useCentreZone } from '../../format/zone';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import { useAddress } from '../../ui/use-address';
import { QueueChoice } from '../history/Controls';
import { momentsIn } from '../history/moments';
import { PRESETS, type Preset, presetRange, type Range, rangeBetween } from '../history/range';
import styles from './Contacts.module.css';
import { Figures } from './Figures';
import { figures, figuresKey, type Span, satisfaction, satisfactionKey } from './queries';
import { SatisfactionPanel } from './SatisfactionPanel';
import './texts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const OWN = 'own';
const USUAL: Preset = '90d';
const CALM_MS = 60_000;

const isDate = (text: string | null): text is string =>
  text !== null && DATE.test(text) && !Number.isNaN(Date.parse(text));

function useAsked(zone: string) {
  const [params, change] = useAddress();
  const [from, to] = [params.get('from'), params.get('to')];
  const named = PRESETS.find((one) => one === params.get('range'));
  const own = named === undefined && isDate(from) && isDate(to);
  const preset = own ? null : (named ?? USUAL);
  const [queue, pbx] = [params.get('queue'), params.get('pbx')];
  const range: Range =
    preset === null
      ? rangeBetween(from ?? '', to ?? '', zone)
      : presetRange(preset, Date.now(), zone);
  const asked = useMemo(
    (): Span => ({ from: range.from, to: range.to, queue, pbx }),
    [range.from, range.to, queue, pbx],
  );
  return { asked, range, preset, change };
}

/** How promises were kept, by channel, month and queue; and what callers thought of it. */
export default function FiguresPage() {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const zone = useCentreZone() || 'UTC';
  const { asked, range, preset, change } = useAsked(zone);
  useTitle(t('contacts.figuresTitle'));
  const moments = momentsIn(i18n.resolvedLanguage ?? 'en', zone, 'month', range.days);
  const kept = useQuery({
    queryKey: figuresKey(asked),
    queryFn: ({ signal }) => figures(asked, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
  const told = useQuery({
    queryKey: satisfactionKey(asked),
    queryFn: ({ signal }) => satisfaction(asked, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
  const again = () => {
    void kept.refetch();
    void told.refetch();
  };
  return (
    <main id="content" className={styles.page}>
      <Link to="/contacts" className={styles.back}>
        <IconArrowLeft size={16} aria-hidden /> {t('contacts.back')}
      </Link>
      <header>
        <h1>{t('contacts.figuresTitle')}</h1>
        <p className={styles.intro}>{t('contacts.figuresIntro')}</p>
      </header>
      <fieldset className={styles.controls} aria-label={t('history.controls')}>
        <NativeSelect
          label={t('contacts.received')}
          value={preset ?? OWN}
          onChange={({ currentTarget: { value } }) =>
            change(
              value === OWN
                ? { range: null, from: range.first, to: range.last }
                : { range: value, from: null, to: null },
            )
          }
          data={[
            ...PRESETS.map((value) => ({ value, label: t(`history.preset.${value}`) })),
            { value: OWN, label: t('calls.ownRange') },
          ]}
        />
        {preset === null && (
          <>
            <TextInput
              type="date"
              label={t('calls.from')}
              value={range.first}
              max={range.last}
              onChange={({ currentTarget: { value } }) => value !== '' && change({ from: value })}
            />
            <TextInput
              type="date"
              label={t('calls.to')}
              value={range.last}
              min={range.first}
              onChange={({ currentTarget: { value } }) => value !== '' && change({ to: value })}
            />
          </>
        )}
        <QueueChoice queue={asked.queue} pbx={asked.pbx} onChange={change} />
      </fieldset>
      {(kept.isError || told.isError) && kept.data !== undefined && (
        <p role="alert" className={styles.stale}>
          {t('contacts.stale', { time: format.time(kept.dataUpdatedAt) })}
        </p>
      )}
      {kept.data === undefined ? (
        kept.isError ? (
          <ErrorNotice error={kept.error} retry={again} />
        ) : (
          <Notice>
            <Loader aria-label={t('app.loading')} />
          </Notice>
        )
      ) : (
        <div className={styles.list} data-stale={kept.isPlaceholderData}>
          <Figures found={kept.data} asked={asked} range={range} moments={moments} />
          {told.data !== undefined && <SatisfactionPanel found={told.data} moments={moments} />}
        </div>
      )}
    </main>
  );
}
