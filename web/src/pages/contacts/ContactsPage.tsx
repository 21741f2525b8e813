import { Button, Loader } from '@mantine/core';
import { IconChartBar, IconDownload, IconPlus } from '@tabler/icons-react';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useFormat } from '../../format/use-format';
import { useCentreZone } from '../../format/zone';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useOverdueContacts } from '../../shell/overdue';
import { useMayLead } from '../../shell/use-session';
import { useTitle } from '../../shell/use-title';
import styles from './Contacts.module.css';
import { ContactsTable } from './ContactsTable';
import { FilterBar } from './FilterBar';
import { type Filters, filtersOf, isNarrowed, NO_FILTERS, paramsOf } from './filters';
import {
  type ContactCounts,
  type ContactDetail,
  type ContactPage,
  contactsKey,
  counts,
  countsKey,
  exportUrl,
  listKey,
  listPage,
} from './queries';
import { StateMark } from './StateMark';
import './texts';

/** What others change is read at least so often; a deadline that passes tells by itself. */
const CALM_MS = 60_000;

function useFilters(): [Filters, (filters: Filters) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(text)), [text]);
  const set = useCallback(
    (next: Filters) => setParams(paramsOf(next), { replace: true }),
    [setParams],
  );
  return [filters, set];
}

function useList(filters: Filters) {
  const zone = useCentreZone() || 'UTC';
  const cache = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: listKey(paramsOf(filters).toString()),
    queryFn: ({ pageParam }) => listPage(filters, zone, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page: ContactPage) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
  const counted = useQuery({
    queryKey: countsKey,
    queryFn: counts,
    refetchInterval: CALM_MS,
  });
  // The live stream says that one more is overdue: then all of this is old.
  const overdue = useOverdueContacts();
  const before = useRef(overdue);
  useEffect(() => {
    if (before.current !== overdue) void cache.invalidateQueries({ queryKey: contactsKey });
    before.current = overdue;
  }, [overdue, cache]);
  return { list, counted: counted.data };
}

export default function ContactsPage() {
  const { t } = useTranslation();
  const zone = useCentreZone() || 'UTC';
  const [filters, setFilters] = useFilters();
  const { list, counted } = useList(filters);
  const mayAct = useMayLead();
  const heading = useRef<HTMLHeadingElement>(null);
  const [said, setSaid] = useState('');
  useTitle(t('contacts.title'));
  const onDone = (done: ContactDetail) => {
    setSaid(t('contacts.done', { reference: done.reference }));
    heading.current?.focus();
  };
  return (
    <main id="content" className={styles.page}>
      <header className={styles.head}>
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {t('contacts.title')}
          </h1>
          <p className={styles.intro}>{t('contacts.intro')}</p>
        </div>
        <div className={styles.buttons}>
          <Button
            component={Link}
            to="/contacts/figures"
            variant="default"
            leftSection={<IconChartBar size={16} aria-hidden />}
          >
            {t('contacts.figures')}
          </Button>
          <Button
            component="a"
            variant="default"
            href={exportUrl(filters, zone)}
            download
            title={t('contacts.exportHelp')}
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {t('contacts.export')}
          </Button>
          {mayAct && (
            <Button
              component={Link}
              to="/contacts/new"
              leftSection={<IconPlus size={16} aria-hidden />}
            >
              {t('contacts.register')}
            </Button>
          )}
        </div>
      </header>
      <Counts counts={counted} filters={filters} onChange={setFilters} />
      <FilterBar filters={filters} counts={counted} onChange={setFilters} />
      <p role="status" className="sr-only">
        {said}
      </p>
      <Found
        list={list}
        mayAct={mayAct}
        narrowed={isNarrowed(filters)}
        onClear={() => setFilters(NO_FILTERS)}
        onDone={onDone}
      />
    </main>
  );
}

/** What is open now, each leading to its contacts. */
function Counts({
  counts,
  filters,
  onChange,
}: {
  counts: ContactCounts | undefined;
  filters: Filters;
  onChange: (filters: Filters) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = [
    { state: 'overdue', many: counts?.overdue },
    { state: 'at_risk', many: counts?.at_risk },
    { state: 'pending', many: counts?.pending },
  ] as const;
  return (
    <ul className={styles.counts}>
      {shown.map(({ state, many }) => (
        <li key={state} data-state={state} data-none={many === 0}>
          <button
            type="button"
            aria-pressed={filters.wanted === state}
            onClick={() => onChange({ ...filters, wanted: state })}
          >
            <strong>{many === undefined ? '–' : format.integer(many)}</strong>
            <StateMark state={state} />
            <small>{t(`contacts.countHelp.${state}`)}</small>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface FoundProps {
  readonly list: ReturnType<typeof useList>['list'];
  readonly mayAct: boolean;
  readonly narrowed: boolean;
  readonly onClear: () => void;
  readonly onDone: (done: ContactDetail) => void;
}

function Found({ list, mayAct, narrowed, onClear, onDone }: FoundProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (list.data === undefined) {
    if (list.isError) return <ErrorNotice error={list.error} retry={() => void list.refetch()} />;
    return (
      <Notice>
        <Loader aria-label={t('app.loading')} />
      </Notice>
    );
  }
  const contacts = unique(list.data.pages);
  return (
    <>
      {list.isError && (
        <p role="alert" className={styles.stale}>
          {t('contacts.stale', { time: format.time(list.dataUpdatedAt) })}{' '}
          <Button size="compact-sm" variant="default" onClick={() => void list.refetch()}>
            {t('app.retry')}
          </Button>
        </p>
      )}
      {contacts.length === 0 ? (
        <Notice>
          <p>
            <strong>{t(narrowed ? 'contacts.none' : 'contacts.noneOpen')}</strong>
          </p>
          {narrowed ? (
            <Button variant="default" onClick={onClear}>
              {t('contacts.clear')}
            </Button>
          ) : (
            <p className={styles.note}>{t('contacts.noneHelp')}</p>
          )}
        </Notice>
      ) : (
        <div data-stale={list.isPlaceholderData} className={styles.list}>
          <ContactsTable contacts={contacts} mayAct={mayAct} onDone={onDone} />
        </div>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          className={styles.more}
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('contacts.more')}
        </Button>
      )}
    </>
  );
}

/** One that changed its place between two pages stands in the first. */
function unique(pages: readonly ContactPage[]) {
  const all = pages.flatMap(({ items }) => items);
  return [...new Map(all.map((one) => [one.id, one])).values()];
}
