import { Button, NativeSelect } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { useCentreZone } from '../../format/zone';
import { addDays, type Range, rangeBetween } from '../history/range';
import { DateFields } from '../indicators/DateFields';
import { wholeMonths } from '../indicators/period';
import { useDayText } from './days';
import styles from './Evidence.module.css';
import { type Evidence, sealedCalls } from './queries';
import { sealedPart } from './sealed-range';
import { useSize } from './size';
import { usePack } from './use-pack';
import { Command } from './Verify';

const CHOICES = ['6m', 'lastMonth', 'all', 'dates'] as const;
type Choice = (typeof CHOICES)[number];
const MONTHS = { '6m': 6, lastMonth: 1 } as const;

/** As measured: bytes of a pack for each call, with its timeline; and calls that are told in a minute. */
const BYTES_A_CALL = 270;
const CALLS_A_MINUTE = 60_000;
const LONG_MINUTES = 2;

function wantedRange(choice: Choice, own: Range, status: Evidence, zone: string): Range {
  const { first_day, last_day } = status;
  if (choice === 'all' && first_day !== null && last_day !== null) {
    return rangeBetween(first_day, addDays(last_day, 1), zone);
  }
  if (choice === '6m' || choice === 'lastMonth')
    return wholeMonths(MONTHS[choice], Date.now(), zone);
  return own;
}

/** A pack of a period, made while it is received. */
export function Pack({ status }: { status: Evidence }) {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const dayText = useDayText();
  const [choice, setChoice] = useState<Choice>('6m');
  const [own, setOwn] = useState<Range>(() => wholeMonths(6, Date.now(), zone));
  const wanted = wantedRange(choice, own, status, zone);
  const range = sealedPart(wanted, status, zone);
  const ends = {
    first: status.first_day === null ? '–' : dayText(status.first_day),
    last: status.last_day === null ? '–' : dayText(status.last_day),
  };
  const adjusted =
    choice !== 'all' &&
    range !== null &&
    (range.first !== wanted.first || range.last !== wanted.last);
  return (
    <section className={styles.panel} aria-labelledby="pack-title">
      <h2 id="pack-title">{t('evidence.pack')}</h2>
      <p className={styles.note}>{t('evidence.packText')}</p>
      <div className={styles.controls}>
        <NativeSelect
          label={t('evidence.packPeriod')}
          value={choice}
          onChange={({ currentTarget: { value } }) => {
            const next = CHOICES.find((one) => one === value) ?? '6m';
            if (next === 'dates') setOwn(range ?? wanted);
            setChoice(next);
          }}
          data={CHOICES.map((one) => ({ value: one, label: t(`evidence.packChoice.${one}`) }))}
        />
        {choice === 'dates' && (
          <DateFields
            first={own.first}
            last={own.last}
            onChange={(first, last) => setOwn(rangeBetween(first, last, zone))}
          />
        )}
      </div>
      {adjusted && <p className={styles.note}>{t('evidence.adjusted', ends)}</p>}
      {range === null ? (
        <p role="alert" className={styles.fault}>
          {t('evidence.notSealed', ends)}
        </p>
      ) : (
        <Taking range={range} />
      )}
    </section>
  );
}

function Taking({ range }: { range: Range }) {
  const { t } = useTranslation();
  const format = useFormat();
  const size = useSize();
  const dayText = useDayText();
  const calls = useQuery({
    queryKey: ['evidence', 'calls', range.from, range.to],
    queryFn: ({ signal }) => sealedCalls(range, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const pack = usePack();
  const minutes = Math.ceil((calls.data ?? 0) / CALLS_A_MINUTE);
  const command = useMemo(
    () => `minuteur evidence export --from ${range.first} --to ${range.last} --output audit.zip`,
    [range],
  );
  return (
    <>
      <p className={styles.what}>
        {t('history.fromTo', { from: dayText(range.first), to: dayText(range.last) })}
        {calls.data !== undefined && (
          <small>
            {t('evidence.packSize', {
              count: calls.data,
              number: format.integer(calls.data),
              size: size(calls.data * BYTES_A_CALL),
            })}
          </small>
        )}
      </p>
      {minutes > LONG_MINUTES && (
        <p className={styles.note}>
          {t('evidence.packLong', { minutes: format.integer(minutes) })}
        </p>
      )}
      <div className={styles.buttons}>
        <Button
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={pack.running}
          onClick={() => pack.start(range)}
        >
          {t('evidence.take')}
        </Button>
        {pack.running && (
          <Button variant="default" onClick={pack.cancel}>
            {t('evidence.cancel')}
          </Button>
        )}
        {pack.running && (
          <progress
            className={styles.progress}
            aria-label={t('evidence.pack')}
            max={Math.max((calls.data ?? 0) * BYTES_A_CALL, pack.bytes * 1.02, 1)}
            value={pack.bytes}
          />
        )}
      </div>
      <p role="status" className={styles.status}>
        {pack.running && t('evidence.taking', { size: size(pack.bytes) })}
        {pack.cancelled && t('evidence.cancelled')}
        {pack.taken !== null &&
          t('evidence.taken', { name: pack.taken.name, size: size(pack.taken.file.size) })}
      </p>
      {pack.fault !== null && (
        <p role="alert" className={styles.fault}>
          {pack.fault}
        </p>
      )}
      {minutes > LONG_MINUTES && (
        <>
          <p className={styles.note}>{t('evidence.packCommand')}</p>
          <Command text={command} />
        </>
      )}
    </>
  );
}
