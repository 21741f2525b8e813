import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { OpeningHours } from '../../../api/types';
import { clockOf, daysOf, WEEK, type Weekday, wordsOf } from './days';
import styles from './SpansEditor.module.css';

interface Props {
  readonly label: string;
  readonly help?: string;
  /** Said where there is no span. */
  readonly none: string;
  readonly value: readonly OpeningHours[];
  readonly error?: string | undefined;
  readonly onChange: (value: OpeningHours[]) => void;
}

const NEW: OpeningHours = { days: ['mon-fri'], from: '09:00', to: '18:00' };

/** Spans of weekdays, a row for each: seven switches, from, to. */
export function SpansEditor({ label, help, none, value, error, onChange }: Props) {
  const { t } = useTranslation();
  const put = (place: number, next: OpeningHours) =>
    onChange(value.map((one, n) => (n === place ? next : one)));
  return (
    <fieldset className={styles.spans}>
      <legend className={styles.legend}>{label}</legend>
      {help !== undefined && <p className={styles.help}>{help}</p>}
      {value.length === 0 && <p className={styles.none}>{none}</p>}
      {value.map((span, n) => (
        <SpanRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a span has no name, only its place
          key={n}
          number={n + 1}
          span={span}
          onChange={(next) => put(n, next)}
          onRemove={() => onChange(value.filter((_, place) => place !== n))}
        />
      ))}
      {error !== undefined && <p className={styles.error}>{error}</p>}
      <Button
        variant="light"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...value, NEW])}
      >
        {t('settings.hours.add')}
      </Button>
    </fieldset>
  );
}

function SpanRow({
  number,
  span,
  onChange,
  onRemove,
}: {
  number: number;
  span: OpeningHours;
  onChange: (span: OpeningHours) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  const days = daysOf(span.days);
  const toggle = (day: Weekday) => {
    const next = days.includes(day) ? days.filter((one) => one !== day) : [...days, day];
    onChange({ ...span, days: wordsOf(next) });
  };
  return (
    <fieldset className={styles.span}>
      <legend className="sr-only">{t('settings.hours.span', { number })}</legend>
      <span className={styles.days}>
        {WEEK.map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={days.includes(day)}
            title={t(`settings.weekday.${day}`)}
            onClick={() => toggle(day)}
          >
            {t(`settings.day.${day}`)}
          </button>
        ))}
      </span>
      <TimeRange
        from={span.from}
        to={span.to}
        onChange={(times) => onChange({ ...span, ...times })}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t('settings.hours.remove', { number })}
        title={t('settings.hours.remove', { number })}
        onClick={onRemove}
      >
        <IconTrash size={17} />
      </ActionIcon>
    </fieldset>
  );
}

/** From a time of day to a later one; 24:00 is the end of the day. */
export function TimeRange({
  from,
  to,
  onChange,
}: {
  from: string;
  to: string;
  onChange: (times: { from?: string; to?: string }) => void;
}) {
  const { t } = useTranslation();
  return (
    <span className={styles.times}>
      <Clock
        label={t('settings.hours.from')}
        value={from}
        onChange={(time) => onChange({ from: time })}
      />
      –
      <Clock
        label={t('settings.hours.to')}
        value={to}
        onChange={(time) => onChange({ to: time })}
      />
    </span>
  );
}

/**
 * A time of day on 24 hours, whatever the browser's own language is. What is typed is understood on
 * leaving; what is no time goes to the server as it is, which says so.
 */
function Clock({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <input
      className={styles.clock}
      inputMode="numeric"
      placeholder="09:00"
      aria-label={label}
      aria-invalid={clockOf(value) === null}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={(event) => onChange(clockOf(event.currentTarget.value) ?? event.currentTarget.value)}
    />
  );
}
