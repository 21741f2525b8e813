import { MultiSelect, Radio, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { QueueRef } from './queries';
import { refOf, refText, useKnownQueues } from './queue-refs';

/** Which queues an account sees: all, those of later too; or only the chosen ones. */
export function QueuePicker({
  value,
  onChange,
  disabled = false,
}: {
  value: readonly QueueRef[] | null;
  onChange: (value: QueueRef[] | null) => void;
  disabled?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Radio.Group
        label={t('access.queues')}
        value={value === null ? 'all' : 'some'}
        onChange={(chosen) => onChange(chosen === 'all' ? null : [])}
      >
        <Stack gap={6} mt={6}>
          <Radio value="all" label={t('access.allQueues')} disabled={disabled} />
          <Radio value="some" label={t('access.someQueues')} disabled={disabled} />
        </Stack>
      </Radio.Group>
      {value !== null && <Choice value={value} onChange={onChange} disabled={disabled} />}
    </Stack>
  );
}

function Choice({
  value,
  onChange,
  disabled,
}: {
  value: readonly QueueRef[];
  onChange: (value: QueueRef[]) => void;
  disabled: boolean;
}) {
  const { t } = useTranslation();
  const groups = useGroups(value);
  return (
    <MultiSelect
      aria-label={t('access.chosenQueues')}
      placeholder={value.length === 0 ? t('access.chooseQueues') : ''}
      description={value.length === 0 ? t('access.noQueue') : undefined}
      data={groups}
      value={value.map(refText)}
      onChange={(chosen) => onChange(chosen.map(refOf))}
      nothingFoundMessage={t('access.noSuchQueue')}
      disabled={disabled}
      searchable
      hidePickedOptions
      clearable
      clearButtonProps={{ 'aria-label': t('access.clear') }}
      comboboxProps={{ withinPortal: true }}
    />
  );
}

/** All that can be chosen: by name on every PBX; by PBX where there are several. */
function useGroups(value: readonly QueueRef[]) {
  const { t } = useTranslation();
  const known = useKnownQueues();
  const label = new Map(known.map((queue) => [queue.name, queue.label]));
  const words = (name: string) => {
    const text = label.get(name) ?? '';
    return text === '' || text === name ? name : `${text} (${name})`;
  };
  const pbxs = [...new Set(known.map(({ pbx }) => pbx))].sort();
  const chosen = value.map(refText);
  const everywhere = new Set([
    ...known.map(({ name }) => name),
    ...value.filter(({ pbx }) => pbx === '').map(({ queue }) => queue),
  ]);
  const here = (pbx: string) =>
    new Set([
      ...known.filter((queue) => queue.pbx === pbx).map(({ name }) => name),
      ...value.filter((ref) => ref.pbx === pbx).map(({ queue }) => queue),
    ]);
  const items = (pbx: string, names: ReadonlySet<string>) =>
    [...names].sort().map((queue) => ({
      value: refText({ pbx, queue }),
      label: pbx === '' ? words(queue) : t('access.queueOn', { queue: words(queue), pbx }),
    }));
  const named = new Set([...pbxs, ...value.map(({ pbx }) => pbx).filter((pbx) => pbx !== '')]);
  const perPbx = pbxs.length > 1 || chosen.some((text) => !text.startsWith('/'));
  return [
    { group: t('access.onEveryPbx'), items: items('', everywhere) },
    ...(perPbx ? [...named].map((pbx) => ({ group: pbx, items: items(pbx, here(pbx)) })) : []),
  ];
}
