/** The list of calls that the address asks for: pages from the record, live ones as they are now. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
import type { Call, CallCount, CallPage } from '../../api/types';
import { useCentreZone } from '../../format/zone';
import { useLiveStore } from '../../live/context';
import { type Filters, mayBeListed, paramsOf, queryOf } from './filters';
import { countKey, countOf, listKey, listPage } from './queries';

/** A list stays as it was read; live calls in it change in place, and new ones are announced. */
const KEPT_MS = 30 * 60_000;

export interface CallsList {
  readonly calls: readonly Call[];
  readonly state: 'loading' | 'failed' | 'ready';
  readonly error: Error | null;
  readonly more: boolean;
  readonly loadingMore: boolean;
  /** The server looked back so far, in ms, and stopped as it took too long. */
  readonly searchedTo: number | null;
  /** How many calls came since the list was read. */
  readonly newer: number;
  readonly refresh: () => void;
  readonly loadMore: () => void;
}

export function useCalls(filters: Filters): CallsList {
  const zone = useCentreZone();
  const key = paramsOf(filters).toString();
  const list = useInfiniteQuery({
    queryKey: listKey(key),
    queryFn: ({ pageParam }) => listPage(queryOf(filters, Date.now(), zone), pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page: CallPage) => page.next_cursor,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    retry: 1,
  });
  const pages = list.data?.pages;
  const stored = useMemo(() => unique(pages ?? []), [pages]);
  const calls = useLiveOnes(stored);
  return {
    calls,
    state: list.isPending ? 'loading' : list.isError && pages === undefined ? 'failed' : 'ready',
    error: list.error,
    more: list.hasNextPage,
    loadingMore: list.isFetchingNextPage,
    searchedTo: momentOf(pages?.at(-1)?.searched_to ?? null),
    newer: useNewer(filters, stored, list.dataUpdatedAt),
    refresh: () => void list.refetch(),
    loadMore: () => {
      if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
    },
  };
}

export function useCount(filters: Filters): CallCount | undefined {
  const zone = useCentreZone();
  return useQuery({
    queryKey: countKey(paramsOf(filters).toString()),
    queryFn: () => countOf(queryOf(filters, Date.now(), zone)),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  }).data;
}

const momentOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));

/** A call that was live when two pages were read may stand in both. */
function unique(pages: readonly CallPage[]): readonly Call[] {
  const seen = new Set<string>();
  return pages
    .flatMap((page) => page.items)
    .filter(({ id }) => {
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew;
    });
}

/** The calls as they are now, where the live stream knows better than the page that was read. */
function useLiveOnes(stored: readonly Call[]): readonly Call[] {
  const store = useLiveStore();
  const state = useSyncExternalStore(store.subscribe, () => store.getView().state);
  return useMemo(() => {
    if (state === null) return stored;
    const ended = new Map(state.ended.map((call) => [call.id, call]));
    return stored.map((call) =>
      call.verdict === 'pending' || call.ended_at === null
        ? (state.calls.get(call.id) ?? ended.get(call.id) ?? call)
        : call,
    );
  }, [state, stored]);
}

function useNewer(filters: Filters, stored: readonly Call[], readAt: number): number {
  const store = useLiveStore();
  const zone = useCentreZone();
  const calls = useSyncExternalStore(store.subscribe, () => store.getView().state?.calls ?? null);
  return useMemo(() => {
    if (calls === null || readAt === 0) return 0;
    const query = queryOf(filters, Date.now(), zone);
    const newest = stored[0] === undefined ? 0 : Date.parse(stored[0].arrived_at) + 1;
    const from = Math.max(newest, momentOf(query.get('from')) ?? 0);
    const to = momentOf(query.get('to')) ?? Number.POSITIVE_INFINITY;
    return [...calls.values()].filter((call) => mayBeListed(call, filters, from, to)).length;
  }, [calls, filters, stored, readAt, zone]);
}
