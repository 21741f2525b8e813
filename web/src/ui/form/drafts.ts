/**
 * What somebody has typed and not saved yet. It outlives the page it was typed on: whoever looks
 * something up and comes back finds it again. It lives in the query cache, in memory only, so it
 * goes with all the rest at sign-out.
 */
import { type QueryClient, skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { isSame } from './same';

const ROOT = 'draft';

interface Stored<T> {
  /** What was on the screen when the typing began, and its version on the server. */
  readonly base: T;
  readonly version: number | null;
  readonly value: T;
}

export interface Draft<T> {
  readonly base: T;
  readonly version: number | null;
  readonly value: T;
  readonly dirty: boolean;
  set(next: Partial<T> | ((value: T) => T)): void;
  /** Forget what was typed. */
  discard(): void;
  /** Begin anew from what the server has now, keeping `value`. */
  rebase(base: T, version: number | null, value: T): void;
}

/**
 * The draft under `key`; what is saved where nothing was typed.
 *
 * @param saved what the server has.
 * @param version its version; null for what does not exist yet.
 */
export function useDraft<T extends object>(
  key: string,
  saved: T,
  version: number | null,
): Draft<T> {
  const cache = useQueryClient();
  const queryKey = [ROOT, key] as const;
  const stored = useQuery<Stored<T> | null>({ queryKey, queryFn: skipToken, gcTime: Infinity });
  const draft = stored.data ?? { base: saved, version, value: saved };
  const put = useCallback(
    (next: Stored<T> | null) => {
      guardUnload(cache);
      cache.setQueryData<Stored<T> | null>([ROOT, key], next);
    },
    [cache, key],
  );
  const dirty = stored.data != null && !isSame(draft.value, draft.base);
  return {
    ...draft,
    dirty,
    set: (next) => {
      const held = cache.getQueryData<Stored<T> | null>([ROOT, key]) ?? draft;
      const value = typeof next === 'function' ? next(held.value) : { ...held.value, ...next };
      put(isSame(value, held.base) && held.version === version ? null : { ...held, value });
    },
    discard: useCallback(() => put(null), [put]),
    rebase: (base, newer, value) => put({ base, version: newer, value }),
  };
}

const isTyped = (data: unknown): boolean => {
  const stored = data as Stored<unknown> | null | undefined;
  return stored != null && !isSame(stored.value, stored.base);
};

const typed = (cache: QueryClient): string[] =>
  cache
    .getQueryCache()
    .findAll({ queryKey: [ROOT] })
    .filter((query) => isTyped(query.state.data))
    .map((query) => String(query.queryKey[1]))
    .sort();

/** The keys under which something is typed and not saved. */
export function useDraftKeys(): readonly string[] {
  const cache = useQueryClient();
  const text = useSyncExternalStore(
    useCallback((tell) => cache.getQueryCache().subscribe(tell), [cache]),
    () => typed(cache).join('\n'),
  );
  return text === '' ? [] : text.split('\n');
}

let guarded = false;

/** Closing or reloading the page would lose what was typed: the browser asks first. */
function guardUnload(cache: QueryClient): void {
  if (guarded) return;
  guarded = true;
  window.addEventListener('beforeunload', (event) => {
    if (typed(cache).length > 0) event.preventDefault();
  });
}
