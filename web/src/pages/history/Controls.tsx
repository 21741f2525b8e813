import { NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useTruth } from '../../live/context';
import { useLiveLabels } from '../../ui/queue-label';
import type { Change } from '../../ui/use-address';
import styles from './History.module.css';
import { COMPARISONS, PRESETS } from './range';
import type { Shown } from './use-history';

const DATES = 'dates';

/** What is shown: range, queue, PBX, comparison, step. */
export function Controls({
  shown,
  onChange,
}: {
  shown: Shown;
  onChange: (change: Change) => void;
}) {
  const { t } = useTranslation();
  const { range, preset, asked } = shown;
  return (
    <fieldset className={styles.controls} aria-label={t('history.controls')}>
      <NativeSelect
        label={t('history.range')}
        value={preset ?? DATES}
        onChange={({ currentTarget: { value } }) =>
          onChange(
            value === DATES
              ? { range: null, from: range.first, to: range.last, step: null }
              : { range: value, from: null, to: null, step: null },
          )
        }
        data={[
          ...PRESETS.map((name) => ({ value: name, label: t(`history.preset.${name}`) })),
          { value: DATES, label: t('history.dates') },
        ]}
      />
      {preset === null && (
        <>
          <TextInput
            type="date"
            label={t('history.from')}
            value={range.first}
            max={range.last}
            onChange={({ currentTarget: { value } }) =>
              value !== '' && onChange({ from: value, to: range.last, step: null })
            }
          />
          <TextInput
            type="date"
            label={t('history.to')}
            value={range.last}
            min={range.first}
            onChange={({ currentTarget: { value } }) =>
              value !== '' && onChange({ from: range.first, to: value, step: null })
            }
          />
        </>
      )}
      <QueueChoice queue={asked.queue} pbx={asked.pbx} onChange={onChange} />
      <NativeSelect
        label={t('history.compare')}
        value={shown.comparison}
        onChange={({ currentTarget: { value } }) =>
          onChange({ compare: value === 'none' ? null : value })
        }
        data={COMPARISONS.map((name) => ({ value: name, label: t(`history.comparison.${name}`) }))}
      />
      {shown.steps.length > 1 && (
        <div className={styles.steps}>
          <span id="history-step">{t('history.step')}</span>
          <SegmentedControl
            aria-labelledby="history-step"
            value={shown.step}
            onChange={(value) => onChange({ step: value })}
            data={shown.steps.map((name) => ({
              value: name,
              label: t(`history.stepName.${name}`),
            }))}
          />
        </div>
      )}
    </fieldset>
  );
}

/** The queue, and the PBX where there are several; those that the live board knows. */
export function QueueChoice({
  queue,
  pbx,
  onChange,
}: {
  queue: string | null;
  pbx: string | null;
  onChange: (change: Change) => void;
}) {
  const { t } = useTranslation();
  const labels = useLiveLabels();
  const pbxs = [...useTruth().offsets.keys()].sort();
  const queues = [...labels].map(([name, label]) => ({ value: name, label: label || name }));
  if (queue !== null && !labels.has(queue)) queues.push({ value: queue, label: queue });
  queues.sort((a, b) => a.label.localeCompare(b.label));
  return (
    <>
      <NativeSelect
        label={t('history.queue')}
        value={queue ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ queue: value })}
        data={[{ value: '', label: t('history.allQueues') }, ...queues]}
      />
      {(pbxs.length > 1 || pbx !== null) && (
        <NativeSelect
          label={t('history.pbx')}
          value={pbx ?? ''}
          onChange={({ currentTarget: { value } }) => onChange({ pbx: value })}
          data={[
            { value: '', label: t('history.allPbxs') },
            ...new Set([...pbxs, ...(pbx === null ? [] : [pbx])]),
          ]}
        />
      )}
    </>
  );
}
