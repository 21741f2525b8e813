import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconSearch, IconX } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { VERDICTS, type Verdict } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useCentreZone } from '../../format/zone';
import { VerdictMark } from '../../ui/marks';
import { useLiveLabels } from '../../ui/queue-label';
import { addDays, dateOf, PRESETS, presetRange, startOfDay } from '../history/range';
import styles from './FilterBar.module.css';
import { type Filters, isNarrowed, moreCount, NO_FILTERS, QUICK } from './filters';
import { MoreFilters } from './MoreFilters';

interface Props {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

/** What the list is narrowed to; every change is in the address at once. */
export function FilterBar({ filters, onChange }: Props) {
  const { t } = useTranslation();
  const more = moreCount(filters);
  const [open, setOpen] = useState(more > 0);
  const set = (part: Partial<Filters>) => onChange({ ...filters, ...part });
  return (
    <search className={styles.bar} aria-label={t('calls.filters')}>
      <div className={styles.line}>
        <SearchField key={filters.search ?? ''} filters={filters} set={set} />
        <QueueField filters={filters} set={set} />
        <RangeFields filters={filters} set={set} />
        <Button
          variant="default"
          aria-expanded={open}
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          onClick={() => setOpen(!open)}
        >
          {more === 0 ? t('calls.more') : t('calls.moreSet', { count: more })}
        </Button>
      </div>
      {open && <MoreFilters filters={filters} set={set} />}
      <div className={styles.line}>
        <Verdicts filters={filters} set={set} />
        {isNarrowed(filters) && (
          <button type="button" className={styles.clear} onClick={() => onChange(NO_FILTERS)}>
            <IconX size="1em" aria-hidden /> {t('calls.clear')}
          </button>
        )}
      </div>
    </search>
  );
}

export interface PartProps {
  readonly filters: Filters;
  readonly set: (part: Partial<Filters>) => void;
}

const PAUSE_MS = 450;

/** Takes effect when the typing pauses, or with Enter. */
function SearchField({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(filters.search ?? '');
  const wanted = typed.trim() || null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed starts the pause
  useEffect(() => {
    if (wanted === filters.search) return;
    const timer = window.setTimeout(() => set({ search: wanted }), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [wanted]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== filters.search) set({ search: wanted });
  };
  return (
    <form className={styles.search} onSubmit={submit}>
      <TextInput
        type="search"
        label={t('calls.search')}
        placeholder={t('calls.searchHint')}
        maxLength={100}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </form>
  );
}

function QueueField({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const labels = useLiveLabels();
  const names = new Map(labels);
  if (filters.queue !== null && !names.has(filters.queue)) names.set(filters.queue, filters.queue);
  const data = [...names]
    .map(([value, label]) => ({ value, label: label || value }))
    .toSorted((a, b) => a.label.localeCompare(b.label));
  return (
    <NativeSelect
      label={t('calls.queue')}
      value={filters.queue ?? ''}
      onChange={(event) => set({ queue: event.currentTarget.value || null })}
      data={[{ value: '', label: t('calls.allQueues') }, ...data]}
    />
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
}

function RangeFields({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const format = useFormat();
  const { range, from, to } = filters;
  const isOwn = range === null && (from !== null || to !== null);
  const value = isOwn ? 'own' : (range ?? '');
  const choose = (next: string) => {
    if (next === 'own') {
      const shown = presetRange(range ?? 'today', Date.now(), zone);
      set({ range: null, from: iso(shown.from), to: iso(shown.to) });
      return;
    }
    const preset = PRESETS.find((one) => one === next) ?? null;
    set({ range: preset, from: null, to: null });
  };
  const first = from === null ? '' : dateOf(Date.parse(from), zone);
  const last = to === null ? '' : dateOf(Date.parse(to) - 1, zone);
  const whole = isOwn && wholeDays(filters, zone);
  return (
    <>
      <NativeSelect
        label={t('calls.range')}
        value={value}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          { value: '', label: t('calls.anyTime') },
          ...QUICK.map((one): Option => ({ value: one, label: t(`calls.quick.${one}`) })),
          ...(range !== null && !QUICK.some((one) => one === range)
            ? [{ value: range, label: t(`history.preset.${range}`) }]
            : []),
          { value: 'own', label: t('calls.ownRange') },
        ]}
      />
      {isOwn && (
        <>
          <TextInput
            type="date"
            label={t('calls.from')}
            value={first}
            max={last || undefined}
            onChange={(event) => {
              const day = event.currentTarget.value;
              set({ from: day === '' ? null : iso(startOfDay(day, zone)) });
            }}
          />
          <TextInput
            type="date"
            label={t('calls.to')}
            value={last}
            min={first || undefined}
            onChange={(event) => {
              const day = event.currentTarget.value;
              set({ to: day === '' ? null : iso(startOfDay(addDays(day, 1), zone)) });
            }}
          />
          {!whole && (
            <p className={styles.exact}>
              {from === null ? '…' : format.dateTime(Date.parse(from))} –{' '}
              {to === null ? '…' : format.dateTime(Date.parse(to))}
            </p>
          )}
        </>
      )}
    </>
  );
}

const iso = (at: number): string => new Date(at).toISOString();

/** Whether the range begins and ends at midnights, so that its dates say all of it. */
function wholeDays({ from, to }: Filters, zone: string): boolean {
  return [from, to].every((moment) => {
    if (moment === null) return true;
    const at = Date.parse(moment);
    return startOfDay(dateOf(at, zone), zone) === at;
  });
}

function Verdicts({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const toggle = (verdict: Verdict) =>
    set({
      verdicts: VERDICTS.filter((one) => filters.verdicts.includes(one) !== (one === verdict)),
    });
  return (
    <fieldset className={styles.verdicts}>
      <legend>{t('calls.verdict')}</legend>
      {VERDICTS.map((verdict) => (
        <button
          key={verdict}
          type="button"
          className={styles.chip}
          aria-pressed={filters.verdicts.includes(verdict)}
          onClick={() => toggle(verdict)}
        >
          <VerdictMark verdict={verdict} /> {t(`verdict.${verdict}`)}
        </button>
      ))}
    </fieldset>
  );
}
