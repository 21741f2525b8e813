import { Button, Loader, NativeSelect, Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { callsKey, callsPage } from '../../api/queries';
import { type Call, VERDICTS, type Verdict } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { VerdictMark } from '../../ui/marks';
import { useReason } from '../../ui/reason';
import { callPath } from '../paths';
import styles from './Calls.module.css';

/** The chosen verdict lives in the address, so that a list can be sent to somebody. */
function useVerdict(): [Verdict | null, (verdict: string) => void] {
  const [params, setParams] = useSearchParams();
  const verdict = VERDICTS.find((known) => known === params.get('verdict')) ?? null;
  return [verdict, (next) => setParams(next === '' ? {} : { verdict: next })];
}

export default function CallsPage() {
  const { t } = useTranslation();
  const [verdict, setVerdict] = useVerdict();
  useEffect(() => {
    document.title = `${t('calls.title')} – ${t('app.name')}`;
  }, [t]);
  return (
    <main id="content" className={styles.page}>
      <div className={styles.head}>
        <h1 className={styles.title}>{t('calls.title')}</h1>
        <NativeSelect
          label={t('calls.verdict')}
          classNames={{ root: styles.filter ?? '' }}
          value={verdict ?? ''}
          onChange={(event) => setVerdict(event.currentTarget.value)}
          data={[
            { value: '', label: t('calls.all') },
            ...VERDICTS.map((name) => ({ value: name, label: t(`verdict.${name}`) })),
          ]}
        />
      </div>
      <CallsList verdict={verdict} />
    </main>
  );
}

function CallsList({ verdict }: { verdict: Verdict | null }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery({
    queryKey: callsKey(verdict),
    queryFn: ({ pageParam }) => callsPage(verdict, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
  if (list.isPending) {
    return (
      <Notice>
        <Loader aria-label={t('app.loading')} />
      </Notice>
    );
  }
  if (list.isError && list.data === undefined) {
    return <ErrorNotice error={list.error} retry={() => void list.refetch()} />;
  }
  const calls = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (calls.length === 0) return <Notice>{t('calls.none')}</Notice>;
  return (
    <>
      <CallsTable calls={calls} />
      <p className={styles.more}>
        {list.hasNextPage ? (
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('calls.more')}
          </Button>
        ) : (
          t('calls.end')
        )}
      </p>
    </>
  );
}

function CallsTable({ calls }: { calls: readonly Call[] }) {
  const { t } = useTranslation();
  return (
    <div className={styles.scroller}>
      <Table highlightOnHover verticalSpacing="xs" className={styles.table}>
        <Table.Thead>
          <Table.Tr>
            {(['arrived', 'verdict', 'wait', 'caller', 'queues', 'agent'] as const).map((name) => (
              <Table.Th key={name}>{t(`calls.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.map((call) => (
            <CallLine key={call.id} call={call} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function CallLine({ call }: { call: Call }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = useReason();
  return (
    <Table.Tr>
      <Table.Td className={styles.nowrap}>
        <Link to={callPath(call.id)}>{format.dateTime(Date.parse(call.arrived_at))}</Link>
      </Table.Td>
      <Table.Td title={reason(call.reason)} className={styles.nowrap}>
        <VerdictMark verdict={call.verdict} /> {t(`verdict.${call.verdict}`)}
        {call.short_abandon && <span className={styles.note}> · {t('calls.short')}</span>}
        {call.observed === 'partial' && (
          <span className={styles.note}> · {t('calls.partial')}</span>
        )}
      </Table.Td>
      <Table.Td className={styles.nowrap}>
        {call.wait_s === null ? '–' : format.seconds(call.wait_s)}
      </Table.Td>
      <Table.Td>{call.caller || t('caller.unknownNumber')}</Table.Td>
      <Table.Td>{call.visits.map((visit) => visit.queue).join(' → ') || '–'}</Table.Td>
      <Table.Td>{call.agent || '–'}</Table.Td>
    </Table.Tr>
  );
}
