import { Loader, NativeSelect, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveStore } from '../../live/context';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useAddress } from '../../ui/use-address';
import { QueueChoice } from '../history/Controls';
import { addDays, dateOf, startOfDay } from '../history/range';
import { useSession, zoneOf } from '../history/use-history';
import styles from './Lost.module.css';
import { LostTable } from './LostTable';
import {
  type Asked,
  type LostCaller,
  type LostCallers,
  lostCallers,
  lostKey,
  tableUrl,
} from './queries';

const RANGES = { today: 0, '2d': 1, '7d': 6, '30d': 29 } as const;
type RangeName = keyof typeof RANGES;
const NAMES = Object.keys(RANGES) as RangeName[];
const ORDERS = ['newest', 'oldest', 'attempts'] as const;
type Order = (typeof ORDERS)[number];

/** Read again at most so often, when calls end, and at least so often anyway. */
const HURRY_MS = 5_000;
const CALM_MS = 60_000;

/** Tells, seldom, that a call has ended: somebody may be lost, or have got through. */
function useCallsEnd(tell: () => void): void {
  const store = useLiveStore();
  useEffect(() => {
    let last = store.getView().state?.ended;
    let timer: number | null = null;
    const stop = store.subscribe(() => {
      const ended = store.getView().state?.ended;
      if (ended === last) return;
      last = ended;
      timer ??= window.setTimeout(() => {
        timer = null;
        tell();
      }, HURRY_MS);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [store, tell]);
}

function useAsked(zone: string) {
  const [params, change] = useAddress();
  const [today, setToday] = useState(() => dateOf(Date.now(), zone));
  useEffect(() => {
    const timer = window.setInterval(() => setToday(dateOf(Date.now(), zone)), CALM_MS);
    setToday(dateOf(Date.now(), zone));
    return () => window.clearInterval(timer);
  }, [zone]);
  const range = NAMES.find((name) => name === params.get('range')) ?? '2d';
  const order: Order = ORDERS.find((name) => name === params.get('order')) ?? 'newest';
  const [queue, pbx, all] = [params.get('queue'), params.get('pbx'), params.get('show') === 'all'];
  const asked = useMemo(
    (): Asked => ({
      from: startOfDay(addDays(today, -RANGES[range]), zone),
      to: startOfDay(addDays(today, 1), zone),
      queue,
      pbx,
      all,
    }),
    [today, zone, range, queue, pbx, all],
  );
  return { asked, range, order, change };
}

export default function LostCallersPage() {
  const { t } = useTranslation();
  const session = useSession();
  const { asked, range, order, change } = useAsked(zoneOf(session));
  const queryClient = useQueryClient();
  const [said, setSaid] = useState('');
  useEffect(() => {
    document.title = `${t('lost.title')} – ${t('app.name')}`;
  }, [t]);
  const list = useQuery({
    queryKey: lostKey(asked),
    queryFn: ({ signal }) => lostCallers(asked, signal),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
  const again = useCallback(
    () => void queryClient.invalidateQueries({ queryKey: ['lost'] }),
    [queryClient],
  );
  useCallsEnd(again);
  const mayAct = session !== null && session.role !== 'viewer' && session.sees_numbers;
  return (
    <main id="content" className={styles.page}>
      <header className={styles.head}>
        <h1>{t('lost.title')}</h1>
        <p className={styles.intro}>{t('lost.intro')}</p>
      </header>
      <fieldset className={styles.controls} aria-label={t('history.controls')}>
        <NativeSelect
          label={t('history.range')}
          value={range}
          onChange={({ currentTarget: { value } }) =>
            change({ range: value === '2d' ? null : value })
          }
          data={NAMES.map((name) => ({ value: name, label: t(`lost.range.${name}`) }))}
        />
        <QueueChoice queue={asked.queue} pbx={asked.pbx} onChange={change} />
        <NativeSelect
          label={t('lost.order')}
          value={order}
          onChange={({ currentTarget: { value } }) =>
            change({ order: value === 'newest' ? null : value })
          }
          data={[
            { value: 'newest', label: t('lost.newest') },
            { value: 'oldest', label: t('lost.oldest') },
            { value: 'attempts', label: t('lost.orderAttempts') },
          ]}
        />
        <SegmentedControl
          aria-label={t('lost.show')}
          value={asked.all ? 'all' : 'open'}
          onChange={(value) => change({ show: value === 'all' ? 'all' : null })}
          data={[
            { value: 'open', label: t('lost.showOpen') },
            { value: 'all', label: t('lost.showAll') },
          ]}
        />
        <a className={styles.csv} href={tableUrl(asked)} download>
          <IconDownload size="1em" aria-hidden /> {t('lost.csv')}
        </a>
      </fieldset>
      <p role="status" className="sr-only">
        {said}
      </p>
      {session !== null && !mayAct && (
        <p className={styles.note}>{t(session.sees_numbers ? 'lost.readOnly' : 'lost.hidden')}</p>
      )}
      {list.data === undefined ? (
        <Pending error={list.error} retry={() => void list.refetch()} />
      ) : (
        <Found
          key={`${asked.from} ${asked.queue} ${asked.pbx} ${asked.all}`}
          found={list.data}
          order={order}
          mayAct={mayAct}
          showsNumbers={session?.sees_numbers ?? false}
          say={setSaid}
          again={again}
        />
      )}
    </main>
  );
}

function Pending({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  if (error !== null) return <ErrorNotice error={error} retry={retry} />;
  return (
    <Notice>
      <Loader aria-label={t('app.loading')} />
    </Notice>
  );
}

function Found({
  found,
  order,
  mayAct,
  showsNumbers,
  say,
  again,
}: {
  found: LostCallers;
  order: Order;
  mayAct: boolean;
  showsNumbers: boolean;
  say: (text: string) => void;
  again: () => void;
}) {
  const { t } = useTranslation();
  // Whom somebody has dealt with just now stays in sight, and does not jump from under the hand.
  const [kept, setKept] = useState<ReadonlyMap<string, LostCaller>>(new Map());
  const callers = useMemo(() => sorted(merged(found.items, kept), order), [found, kept, order]);
  const { counts } = found;
  const left = found.total - found.items.length;
  return (
    <>
      <p className={styles.counts}>
        {t('lost.counts', {
          open: counts.to_call + counts.in_progress + counts.no_answer,
          done: counts.reached + counts.dismissed,
          through: counts.got_through,
        })}
        {found.anonymous > 0 && (
          <span className={styles.note}>{t('lost.anonymous', { count: found.anonymous })}</span>
        )}
      </p>
      {callers.length === 0 ? (
        <Notice>
          <p>
            <strong>{t('lost.none')}</strong>
          </p>
          <p className={styles.note}>{t('lost.noneHelp')}</p>
        </Notice>
      ) : (
        <LostTable
          callers={callers}
          mayAct={mayAct}
          showsNumbers={showsNumbers}
          say={say}
          again={again}
          onDone={(caller, callBack) =>
            setKept((before) => new Map(before).set(caller.id, { ...caller, call_back: callBack }))
          }
        />
      )}
      {left > 0 && <p className={styles.note}>{t('lost.more', { count: left })}</p>}
    </>
  );
}

/** What was just changed, as it was answered; a newer version of the server's is newer. */
function merged(
  items: readonly LostCaller[],
  kept: ReadonlyMap<string, LostCaller>,
): readonly LostCaller[] {
  const listed = new Set(items.map(({ id }) => id));
  const newer = items.map((item) => {
    const own = kept.get(item.id);
    return own !== undefined && own.call_back.version > item.call_back.version
      ? { ...item, call_back: own.call_back }
      : item;
  });
  return [...newer, ...[...kept.values()].filter(({ id }) => !listed.has(id))];
}

function sorted(callers: readonly LostCaller[], order: Order): readonly LostCaller[] {
  const newest = (a: LostCaller, b: LostCaller) => (a.last_at < b.last_at ? 1 : -1);
  const by: Record<Order, (a: LostCaller, b: LostCaller) => number> = {
    newest,
    oldest: (a, b) => -newest(a, b),
    attempts: (a, b) => b.attempts - a.attempts || newest(a, b),
  };
  return [...callers].sort(by[order]);
}
