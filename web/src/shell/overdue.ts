import { useSyncExternalStore } from 'react';
import type { Alert } from '../api/types';
import { useLiveStore } from '../live/context';

/** How many contacts of the queues that are seen are overdue, by the alerts of the live board. */
export function overdueOf(alerts: Iterable<Alert>): number {
  const newest = new Map<string, Alert>();
  for (const alert of alerts) {
    if (alert.kind !== 'contacts_overdue' || alert.ended_at !== null) continue;
    const queue = `${alert.pbx}\n${alert.queue}`;
    const known = newest.get(queue);
    if (known === undefined || known.raised_at < alert.raised_at) newest.set(queue, alert);
  }
  return [...newest.values()].reduce((sum, { params }) => sum + Number(params.overdue ?? 0), 0);
}

/** The same, live; renders only when it changes. Nothing is asked for: the stream tells it. */
export function useOverdueContacts(): number {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, () =>
    overdueOf(store.getView().state?.alerts.values() ?? []),
  );
}
