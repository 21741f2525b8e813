import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCentreZone } from '../../../format/zone';
import { ErrorNotice } from '../../../shell/Notice';
import { ChoiceField, TextField } from '../../../ui/form/fields';
import { Fields, Section } from '../../../ui/form/Section';
import { addDays, startOfDay } from '../../history/range';
import { Loading } from '../parts/Loading';
import table from '../parts/Table.module.css';
import { type ChangeQuery, changesPage } from '../queries';
import { ChangeLine } from './ChangeLine';
import styles from './Changes.module.css';

const PAGE = 30;
const KINDS = [
  'pbx',
  'queue',
  'voice_server',
  'calendar',
  'commitment',
  'centre',
  'team',
  'figures',
  'retention',
  'overflow_rule',
  'overflow_switch',
  'user',
  'token',
] as const;
type Kind = (typeof KINDS)[number];

interface Filter {
  readonly kind: Kind | '';
  readonly by: string;
  /** Days, as the browser's date fields write them. */
  readonly from: string;
  readonly to: string;
}

/** What is asked of the server: days of the centre, the last one whole. */
export function queryOf(
  { kind, by, from, to }: Filter,
  zone: string,
  cursor: string | null,
): ChangeQuery {
  return {
    limit: PAGE,
    ...(kind === '' ? {} : { kind }),
    ...(by.trim() === '' ? {} : { by: by.trim() }),
    ...(from === '' ? {} : { from: moment(startOfDay(from, zone)) }),
    ...(to === '' ? {} : { to: moment(startOfDay(addDays(to, 1), zone)) }),
    ...(cursor === null ? {} : { cursor }),
  };
}

const moment = (ms: number): string => new Date(ms).toISOString();

export default function ChangesSection() {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<Filter>({ kind: '', by: '', from: '', to: '' });
  const put = (next: Partial<Filter>) => setFilter((value) => ({ ...value, ...next }));
  return (
    <Section title={t('settings.nav.changes')} lead={t('settings.changes.lead')}>
      <Fields>
        <ChoiceField<Kind | ''>
          label={t('settings.changes.kind')}
          value={filter.kind}
          choices={[
            { value: '', label: t('settings.changes.everything') },
            ...KINDS.map((value) => ({ value, label: t(`settings.kind.${value}`) })),
          ]}
          onChange={(kind) => put({ kind })}
        />
        <TextField
          label={t('settings.changes.by')}
          value={filter.by}
          onChange={(by) => put({ by })}
        />
        <TextField
          label={t('settings.changes.from')}
          type="date"
          value={filter.from}
          onChange={(from) => put({ from })}
        />
        <TextField
          label={t('settings.changes.to')}
          type="date"
          value={filter.to}
          onChange={(to) => put({ to })}
        />
      </Fields>
      <List filter={filter} />
    </Section>
  );
}

function List({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const list = useInfiniteQuery({
    queryKey: ['settings', 'changes', filter],
    queryFn: ({ pageParam }) => changesPage(queryOf(filter, zone, pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  if (list.isPending) return <Loading />;
  if (list.isError && list.data === undefined) {
    return <ErrorNotice error={list.error} retry={() => void list.refetch()} />;
  }
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) {
    return (
      <div className={table.scroller}>
        <p className={table.empty}>{t('settings.changes.none')}</p>
      </div>
    );
  }
  return (
    <>
      <ol className={styles.list} reversed>
        {items.map((change) => (
          <ChangeLine key={change.seq} change={change} />
        ))}
      </ol>
      {list.hasNextPage && (
        <Button
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('calls.more')}
        </Button>
      )}
    </>
  );
}
