import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Change } from '../../ui/use-address';
import { QueueChoice } from '../history/Controls';
import { DateFields } from './DateFields';
import styles from './Indicators.module.css';
import { OFFERED, type Period } from './period';
import type { Asked } from './queries';
import { splitsOf } from './use-asked';

const DATES = 'dates';

/** What is shown: period, queue, PBX, and into which parts it is split. */
export function Controls({
  asked,
  period,
  onChange,
}: {
  asked: Asked;
  period: Period;
  onChange: (change: Change) => void;
}) {
  const { t } = useTranslation();
  const { range, name } = period;
  return (
    <>
      <fieldset className={styles.controls} aria-label={t('history.controls')}>
        <NativeSelect
          label={t('history.range')}
          value={name ?? DATES}
          onChange={({ currentTarget: { value } }) =>
            onChange(
              value === DATES
                ? { range: null, from: range.first, to: range.last, by: null }
                : { range: value, from: null, to: null, by: null },
            )
          }
          data={[
            ...OFFERED.map((one) => ({ value: one, label: t(`indicators.preset.${one}`) })),
            { value: DATES, label: t('history.dates') },
          ]}
        />
        {name === null && (
          <DateFields
            first={range.first}
            last={range.last}
            onChange={(first, last) => onChange({ range: null, from: first, to: last, by: null })}
          />
        )}
        <QueueChoice queue={asked.queue} pbx={asked.pbx} onChange={onChange} />
        <NativeSelect
          label={t('indicators.by')}
          value={asked.by ?? 'none'}
          onChange={({ currentTarget: { value } }) => onChange({ by: value })}
          data={(['none', ...splitsOf(range)] as const).map((split) => ({
            value: split,
            label: t(`indicators.byName.${split}`),
          }))}
        />
      </fieldset>
      {asked.queue !== null && <p className={styles.note}>{t('indicators.queueHelp')}</p>}
    </>
  );
}
