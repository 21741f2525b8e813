import { useQuery, useQueryClient } from '@tanstack/react-query';
import { overflowRules, rulesKey, versionsKey } from '../queries';

export const useRules = () => useQuery({ queryKey: rulesKey, queryFn: overflowRules });

/** Reads the rules again, and one's versions, after a change. */
export function useRefreshRules(): (id: string) => Promise<void> {
  const cache = useQueryClient();
  return async (id) => {
    void cache.invalidateQueries({ queryKey: versionsKey(id) });
    await cache.invalidateQueries({ queryKey: rulesKey });
  };
}
