import { NativeSelect, TextInput } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveStore } from '../../live/context';
import { useReason } from '../../ui/reason';
import type { PartProps } from './FilterBar';
import styles from './FilterBar.module.css';
import { EXITS, HANDLERS, OBSERVED, REASONS, YES_NO } from './filters';

/** The filters that are seldom needed; those from an address are shown at once. */
export function MoreFilters({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const reason = useReason();
  const any = { value: '', label: t('calls.any') };
  const pick = <T extends string>(all: readonly T[], value: string): T | null =>
    all.find((one) => one === value) ?? null;
  return (
    <div className={styles.more}>
      <PbxField filters={filters} set={set} />
      <NativeSelect
        label={t('calls.exit')}
        value={filters.exit ?? ''}
        onChange={(event) => set({ exit: pick(EXITS, event.currentTarget.value) })}
        data={[any, ...EXITS.map((value) => ({ value, label: t(`exit.${value}`) }))]}
      />
      <Typed label={t('calls.agent')} value={filters.agent} onDone={(agent) => set({ agent })} />
      <Typed
        label={t('calls.number')}
        value={filters.caller}
        onDone={(caller) => set({ caller })}
      />
      <NativeSelect
        label={t('calls.handledBy')}
        value={filters.handledBy ?? ''}
        onChange={(event) => set({ handledBy: pick(HANDLERS, event.currentTarget.value) })}
        data={[any, ...HANDLERS.map((value) => ({ value, label: t(`calls.handler.${value}`) }))]}
      />
      <NativeSelect
        label={t('calls.reason')}
        value={filters.reason ?? ''}
        onChange={(event) => set({ reason: pick(REASONS, event.currentTarget.value) })}
        data={[any, ...REASONS.map((value) => ({ value, label: reason(value) }))]}
      />
      <NativeSelect
        label={t('calls.observed')}
        value={filters.observed ?? ''}
        onChange={(event) => set({ observed: pick(OBSERVED, event.currentTarget.value) })}
        data={[
          any,
          ...OBSERVED.map((value) => ({ value, label: t(`calls.observation.${value}`) })),
        ]}
      />
      <NativeSelect
        label={t('calls.shortAbandons')}
        value={filters.short ?? ''}
        onChange={(event) => set({ short: pick(YES_NO, event.currentTarget.value) })}
        data={[any, ...YES_NO.map((value) => ({ value, label: t(`calls.shorts.${value}`) }))]}
      />
      <Typed
        type="number"
        label={t('calls.minWait')}
        value={filters.minWait === null ? null : String(filters.minWait)}
        onDone={(text) => set({ minWait: text === null ? null : Math.max(0, Number(text)) })}
      />
      <Typed
        type="number"
        label={t('calls.maxWait')}
        value={filters.maxWait === null ? null : String(filters.maxWait)}
        onDone={(text) => set({ maxWait: text === null ? null : Number(text) || null })}
      />
    </div>
  );
}

/** Only of use where there are several PBXs. */
function PbxField({ filters, set }: PartProps) {
  const { t } = useTranslation();
  const store = useLiveStore();
  const names = useSyncExternalStore(store.subscribe, () =>
    [...(store.getView().state?.pbxs.keys() ?? [])].join('\n'),
  );
  const known = new Set(names === '' ? [] : names.split('\n'));
  if (filters.pbx !== null) known.add(filters.pbx);
  if (known.size < 2 && filters.pbx === null) return null;
  return (
    <NativeSelect
      label={t('calls.pbx')}
      value={filters.pbx ?? ''}
      onChange={(event) => set({ pbx: event.currentTarget.value || null })}
      data={[{ value: '', label: t('calls.any') }, ...known]}
    />
  );
}

interface TypedProps {
  readonly label: string;
  readonly value: string | null;
  readonly type?: 'text' | 'number';
  readonly onDone: (text: string | null) => void;
}

/** A field that takes effect when it is left, or with Enter. */
function Typed({ label, value, type = 'text', onDone }: TypedProps) {
  const [typed, setTyped] = useState(value ?? '');
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setTyped(value ?? '');
  }
  const done = () => {
    const text = typed.trim() || null;
    if (text !== value) onDone(text);
  };
  return (
    <TextInput
      label={label}
      type={type}
      min={type === 'number' ? 0 : undefined}
      maxLength={100}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done();
      }}
    />
  );
}
