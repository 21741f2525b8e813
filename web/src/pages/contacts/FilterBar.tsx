import { NativeSelect, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCentreZone } from '../../format/zone';
import bar from '../calls/FilterBar.module.css';
import { QueueChoice } from '../history/Controls';
import { PRESETS, presetRange } from '../history/range';
import { CHANNELS, type Filters, isNarrowed, NO_FILTERS, WANTED, type Wanted } from './filters';
import type { ContactCounts } from './queries';
import { ChannelMark } from './StateMark';

interface Props {
  readonly filters: Filters;
  readonly counts: ContactCounts | undefined;
  readonly onChange: (filters: Filters) => void;
}

const OWN = 'own';

/** What the list is narrowed to; every change is in the address at once. */
export function FilterBar({ filters, counts, onChange }: Props) {
  const { t } = useTranslation();
  const set = (part: Partial<Filters>) => onChange({ ...filters, ...part });
  return (
    <search className={bar.bar} aria-label={t('contacts.filters')}>
      <div className={bar.line}>
        <SearchField filters={filters} set={set} />
        <NativeSelect
          label={t('contacts.stateLabel')}
          value={filters.wanted}
          onChange={({ currentTarget: { value } }) =>
            set({ wanted: WANTED.find((one) => one === value) ?? 'open' })
          }
          data={WANTED.map((value: Wanted) => ({ value, label: t(`contacts.wanted.${value}`) }))}
        />
        <QueueChoice
          queue={filters.queue}
          pbx={filters.pbx}
          onChange={({ queue, pbx }) =>
            set({
              ...(queue === undefined ? {} : { queue: queue || null }),
              ...(pbx === undefined ? {} : { pbx: pbx || null }),
            })
          }
        />
        <RangeFields filters={filters} set={set} />
      </div>
      <div className={bar.line}>
        <fieldset className={bar.verdicts}>
          <legend>{t('contacts.channelLabel')}</legend>
          {CHANNELS.map((channel) => {
            const many = counts?.by_channel[channel];
            const open = (many?.pending ?? 0) + (many?.overdue ?? 0);
            const on = filters.channel === channel;
            return (
              <button
                key={channel}
                type="button"
                className={bar.chip}
                aria-pressed={on}
                onClick={() => set({ channel: on ? null : channel })}
              >
                <ChannelMark channel={channel} />
                {open > 0 && <small>{t('contacts.openCount', { count: open })}</small>}
              </button>
            );
          })}
        </fieldset>
        {isNarrowed(filters) && (
          <button type="button" className={bar.clear} onClick={() => onChange(NO_FILTERS)}>
            <IconX size="1em" aria-hidden /> {t('contacts.clear')}
          </button>
        )}
      </div>
    </search>
  );
}

interface PartProps {
  readonly filters: Filters;
  readonly set: (part: Partial<Filters>) => void;
}

const PAUSE_MS = 600;

/** Whoever asks for one contact wants it whatever became of it. */
function SearchField({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(filters.reference ?? '');
  const [before, setBefore] = useState(filters.reference);
  const wanted = typed.trim() || null;
  if (before !== filters.reference) {
    setBefore(filters.reference);
    // From outside, as by going back; not when it is what was just typed.
    if (wanted !== filters.reference) setTyped(filters.reference ?? '');
  }
  const ask = () => set({ reference: wanted, wanted: wanted === null ? 'open' : 'all' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed starts the pause
  useEffect(() => {
    if (wanted === filters.reference) return;
    const timer = window.setTimeout(ask, PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [wanted]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== filters.reference) ask();
  };
  return (
    <form className={bar.search} onSubmit={submit}>
      <TextInput
        type="search"
        label={t('contacts.search')}
        placeholder={t('contacts.searchHint')}
        maxLength={200}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
      />
    </form>
  );
}

function RangeFields({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const { range, from, to } = filters;
  const isOwn = range === null && (from !== null || to !== null);
  const choose = (value: string) => {
    if (value === OWN) {
      const { first, last } = presetRange(range ?? '30d', Date.now(), zone);
      set({ range: null, from: first, to: last });
    } else {
      set({ range: PRESETS.find((one) => one === value) ?? null, from: null, to: null });
    }
  };
  return (
    <>
      <NativeSelect
        label={t('contacts.received')}
        value={isOwn ? OWN : (range ?? '')}
        onChange={({ currentTarget: { value } }) => choose(value)}
        data={[
          { value: '', label: t('calls.anyTime') },
          ...PRESETS.map((value) => ({ value, label: t(`history.preset.${value}`) })),
          { value: OWN, label: t('calls.ownRange') },
        ]}
      />
      {isOwn && (
        <>
          <TextInput
            type="date"
            label={t('calls.from')}
            value={from ?? ''}
            max={to ?? undefined}
            onChange={({ currentTarget: { value } }) => set({ from: value || null })}
          />
          <TextInput
            type="date"
            label={t('calls.to')}
            value={to ?? ''}
            min={from ?? undefined}
            onChange={({ currentTarget: { value } }) => set({ to: value || null })}
          />
        </>
      )}
    </>
  );
}
