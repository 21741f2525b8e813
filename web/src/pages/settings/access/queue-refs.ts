/** Queues as accounts name them: on one PBX, or of that name on every PBX. */
import { useMemo, useSyncExternalStore } from 'react';
import { useLiveStore } from '../../../live/context';
import type { QueueRef } from './queries';

export interface KnownQueue {
  readonly pbx: string;
  readonly name: string;
  readonly label: string;
}

/** As one text: `support`, or `lab/support`. A PBX's name has no slash in it. */
export const refText = ({ pbx, queue }: QueueRef): string =>
  pbx === '' ? `/${queue}` : `${pbx}/${queue}`;

export function refOf(text: string): QueueRef {
  const slash = text.indexOf('/');
  return { pbx: text.slice(0, slash), queue: text.slice(slash + 1) };
}

const FIELD = '\u001f';
const RECORD = '\u001e';

/** The queues that the live board knows; renders only when there are others. */
export function useKnownQueues(): readonly KnownQueue[] {
  const store = useLiveStore();
  const text = useSyncExternalStore(store.subscribe, () =>
    [...(store.getView().state?.queues.values() ?? [])]
      .map(({ pbx, name, label }) => [pbx, name, label].join(FIELD))
      .join(RECORD),
  );
  return useMemo(
    () =>
      text === ''
        ? []
        : text.split(RECORD).map((record) => {
            const [pbx = '', name = '', label = ''] = record.split(FIELD);
            return { pbx, name, label };
          }),
    [text],
  );
}
