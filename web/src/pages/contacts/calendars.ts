import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useLiveStore } from '../../live/context';
import { policyKey, policyOf } from '../calls/queries';

/** The calendars that may be named, by the policy of the last call: who may register may read it. */
export function useCalendars(chosen: string): readonly string[] {
  const store = useLiveStore();
  const version = useSyncExternalStore(store.subscribe, () => {
    const state = store.getView().state;
    const calls = [...(state?.calls.values() ?? []), ...(state?.ended ?? [])];
    return calls.reduce((last, call) => Math.max(last, call.policy_version), 0);
  });
  const policy = useQuery({
    queryKey: policyKey(version),
    queryFn: () => policyOf(version),
    enabled: version > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const names = policy.data?.calendars.map(({ name }) => name) ?? [];
  return chosen === '' || names.includes(chosen) ? names : [...names, chosen];
}
