import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useLiveStore } from '../live/context';

const BREAK = '\n';

/** What people call a queue, by the live board; renders only when a label changes. */
export function useQueueLabel(): (queue: string) => string {
  const labels = useLiveLabels();
  return useCallback((queue) => labels.get(queue) || queue, [labels]);
}

/** The labels of the queues that the live board knows, by the queue's name. */
export function useLiveLabels(): ReadonlyMap<string, string> {
  const store = useLiveStore();
  const text = useSyncExternalStore(store.subscribe, () =>
    [...(store.getView().state?.queues.values() ?? [])]
      .flatMap(({ name, label }) => [name, label])
      .join(BREAK),
  );
  return useMemo(() => {
    const words = text.split(BREAK);
    const found = new Map<string, string>();
    for (let n = 0; n + 1 < words.length; n += 2) found.set(words[n] ?? '', words[n + 1] ?? '');
    return found;
  }, [text]);
}
