import { Button, Loader, Menu } from '@mantine/core';
import { IconColumns, IconDownload, IconRefresh } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useFormat } from '../../format/use-format';
import { useCentreZone } from '../../format/zone';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import styles from './Calls.module.css';
import { CallsTable } from './CallsTable';
import { COLUMNS, type Column, useColumns } from './columns';
import { FilterBar } from './FilterBar';
import { type Filters, filtersOf, isNarrowed, NO_FILTERS, paramsOf, queryOf } from './filters';
import { exportUrl } from './queries';
import { type CallsList, useCalls, useCount } from './use-calls';

/** The filters, which live in the address, so that a list can be sent to somebody. */
function useFilters(): [Filters, (filters: Filters) => void] {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(text)), [text]);
  const set = useCallback((next: Filters) => setParams(paramsOf(next)), [setParams]);
  return [filters, set];
}

export default function CallsPage() {
  const { t } = useTranslation();
  const [filters, setFilters] = useFilters();
  const [columns, toggle] = useColumns();
  const list = useCalls(filters);
  useTitle(t('calls.title'));
  return (
    <main id="content" className={styles.page}>
      <div className={styles.head}>
        <h1 className={styles.title}>{t('calls.title')}</h1>
        <Count filters={filters} />
        <div className={styles.actions}>
          <ColumnsMenu columns={columns} toggle={toggle} />
          <ExportButton filters={filters} />
        </div>
      </div>
      <FilterBar filters={filters} onChange={setFilters} />
      {list.newer > 0 && (
        <Button
          variant="light"
          size="compact-sm"
          className={styles.newer}
          leftSection={<IconRefresh size={15} aria-hidden />}
          onClick={list.refresh}
        >
          {t('calls.newer', { count: list.newer })}
        </Button>
      )}
      <List list={list} filters={filters} columns={columns} onClear={setFilters} />
    </main>
  );
}

function Count({ filters }: { filters: Filters }) {
  const { t } = useTranslation();
  const format = useFormat();
  const count = useCount(filters);
  if (count === undefined) return null;
  const number = format.integer(count.count);
  return (
    <p role="status" className={styles.count}>
      {count.more
        ? t('calls.countMore', { number })
        : t('calls.count', { count: count.count, number })}
    </p>
  );
}

function ColumnsMenu(props: { columns: readonly Column[]; toggle: (column: Column) => void }) {
  const { t } = useTranslation();
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconColumns size={16} aria-hidden />}>
          {t('calls.columns')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.map((column) => (
          <Menu.CheckboxItem
            key={column}
            checked={props.columns.includes(column)}
            onChange={() => props.toggle(column)}
            closeMenuOnClick={false}
          >
            {t(`calls.${column}`)}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A plain link: the browser writes the file as it comes, however long it is. */
function ExportButton({ filters }: { filters: Filters }) {
  const { t, i18n } = useTranslation();
  const zone = useCentreZone();
  const url = exportUrl(queryOf(filters, Date.now(), zone), i18n.resolvedLanguage === 'fr');
  return (
    <Button
      component="a"
      variant="default"
      href={url}
      download
      title={t('calls.exportHelp')}
      leftSection={<IconDownload size={16} aria-hidden />}
    >
      {t('calls.export')}
    </Button>
  );
}

interface ListProps {
  readonly list: CallsList;
  readonly filters: Filters;
  readonly columns: readonly Column[];
  readonly onClear: (filters: Filters) => void;
}

function List({ list, filters, columns, onClear }: ListProps) {
  const { t } = useTranslation();
  if (list.state === 'loading') {
    return (
      <Notice>
        <Loader aria-label={t('app.loading')} />
      </Notice>
    );
  }
  if (list.state === 'failed') return <ErrorNotice error={list.error} retry={list.refresh} />;
  const place = paramsOf(filters).toString();
  return (
    <>
      {list.calls.length > 0 && (
        <CallsTable
          key={place}
          calls={list.calls}
          columns={columns}
          place={place}
          more={list.more && list.searchedTo === null}
          onNearEnd={list.loadMore}
        />
      )}
      <Foot list={list} narrowed={isNarrowed(filters)} onClear={() => onClear(NO_FILTERS)} />
    </>
  );
}

interface FootProps {
  readonly list: CallsList;
  readonly narrowed: boolean;
  readonly onClear: () => void;
}

function Foot({ list, narrowed, onClear }: FootProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (list.searchedTo !== null) {
    return (
      <div className={styles.more} role="status">
        <p>{t('calls.searchedTo', { time: format.dateTime(list.searchedTo) })}</p>
        <Button variant="default" loading={list.loadingMore} onClick={list.loadMore}>
          {t('calls.searchOn')}
        </Button>
      </div>
    );
  }
  if (list.calls.length === 0) {
    return (
      <Notice>
        <p>{t(narrowed ? 'calls.none' : 'calls.noneYet')}</p>
        {narrowed && (
          <Button variant="default" onClick={onClear}>
            {t('calls.clear')}
          </Button>
        )}
      </Notice>
    );
  }
  return (
    <p className={styles.more}>
      {list.loadingMore && <Loader size="sm" aria-label={t('app.loading')} />}
      {!list.more && t('calls.end')}
    </p>
  );
}
