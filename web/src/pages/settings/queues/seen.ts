import { useMemo, useSyncExternalStore } from 'react';
import type { QueueSettings } from '../../../api/types';
import { useLiveStore } from '../../../live/context';

export interface SeenQueue {
  readonly pbx: string;
  readonly name: string;
}

const BREAK = '\n';

/** The queues that the PBXs announced; renders only when one comes or goes. */
export function useSeenQueues(): readonly SeenQueue[] {
  const store = useLiveStore();
  const text = useSyncExternalStore(store.subscribe, () =>
    [...(store.getView().state?.queues.values() ?? [])]
      .map(({ pbx, name }) => `${pbx}\t${name}`)
      .sort()
      .join(BREAK),
  );
  return useMemo(
    () =>
      (text === '' ? [] : text.split(BREAK)).map((line) => {
        const [pbx = '', name = ''] = line.split('\t');
        return { pbx, name };
      }),
    [text],
  );
}

/** Those that nobody declared: they are watched under the commitment's own values. */
export const undeclared = (
  seen: readonly SeenQueue[],
  declared: readonly QueueSettings[],
): readonly SeenQueue[] =>
  seen.filter(
    ({ pbx, name }) =>
      !declared.some((one) => one.name === name && (one.pbx === '' || one.pbx === pbx)),
  );
