import { useQuery, useQueryClient } from '@tanstack/react-query';
import { allSettings, settingsKey } from '../queries';

/** All settings, as the server has them now. */
export const useSettings = () => useQuery({ queryKey: settingsKey, queryFn: allSettings });

/** Reads them again, after a change. */
export function useRefreshSettings(): () => Promise<void> {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: settingsKey });
}
