import { Button, NativeSelect } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES } from '../../i18n';
import { save } from '../../ui/saving';
import type { Change } from '../../ui/use-address';
import { DateFields } from '../indicators/DateFields';
import type { Offered, Period } from '../indicators/period';
import { useFaultText } from './faults';
import { type Days, type FileFormat, FORMATS, faultOf, type Language, reportFile } from './queries';
import styles from './Reports.module.css';

const DATES = 'dates';
/** The six months that an audit asks for come first. */
const ORDER = ['6m', '12m', 'lastMonth', 'month'] as const satisfies readonly Offered[];

/** Which period, and what is made of it. */
export function Making({
  period,
  today,
  counting,
  onChange,
  onMake,
}: {
  period: Period;
  today: string;
  counting: boolean;
  onChange: (change: Change) => void;
  onMake: () => void;
}) {
  const { t } = useTranslation();
  const { range, name } = period;
  const days: Days = { first: range.first, last: range.last };
  const fault = faultOf(days, today);
  return (
    <section className={styles.panel} aria-label={t('reports.form')}>
      <div className={styles.controls}>
        <NativeSelect
          label={t('history.range')}
          value={name ?? DATES}
          onChange={({ currentTarget: { value } }) =>
            onChange(
              value === DATES
                ? { range: null, from: range.first, to: range.last }
                : { range: value, from: null, to: null },
            )
          }
          data={[
            ...ORDER.map((one) => ({ value: one, label: t(`reports.preset.${one}`) })),
            { value: DATES, label: t('history.dates') },
          ]}
        />
        <DateFields
          first={range.first}
          last={range.last}
          onChange={(from, to) => onChange({ range: null, from, to })}
        />
        <Button onClick={onMake} loading={counting} disabled={fault !== null}>
          {t('reports.make')}
        </Button>
      </div>
      {fault !== null && (
        <p role="alert" className={styles.fault}>
          {t(`reports.fault.${fault}`)}
        </p>
      )}
      <Files days={days} disabled={fault !== null} />
      <p className={styles.note}>{t('reports.noted')}</p>
    </section>
  );
}

function Files({ days, disabled }: { days: Days; disabled: boolean }) {
  const { t, i18n } = useTranslation();
  const shown = LANGUAGES.find((one) => one === i18n.resolvedLanguage) ?? 'en';
  const [chosen, setChosen] = useState<Language | null>(null);
  const language = chosen ?? shown;
  const faultText = useFaultText();
  const file = useMutation({
    mutationFn: (format: FileFormat) => reportFile(days, format, language),
    onSuccess: save,
  });
  return (
    <fieldset className={styles.files} aria-label={t('reports.files')}>
      <NativeSelect
        label={t('reports.language')}
        value={language}
        onChange={({ currentTarget: { value } }) =>
          setChosen(LANGUAGES.find((one) => one === value) ?? null)
        }
        data={LANGUAGES.map((one) => ({ value: one, label: t(`app.languageName.${one}`) }))}
      />
      {FORMATS.map((format) => (
        <Button
          key={format}
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          loading={file.isPending && file.variables === format}
          disabled={disabled || file.isPending}
          onClick={() => file.mutate(format)}
        >
          {t(`reports.${format}`)}
        </Button>
      ))}
      <p className={styles.fileHelp}>{t('reports.fileHelp')}</p>
      <p role="status" className={styles.status}>
        {file.isPending && t(`reports.busy.${file.variables}`)}
        {file.isSuccess && t('reports.done', { name: file.data.name })}
      </p>
      {file.isError && (
        <p role="alert" className={styles.fault}>
          {faultText(file.error)}
        </p>
      )}
    </fieldset>
  );
}
