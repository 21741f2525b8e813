import { useQueryClient } from '@tanstack/react-query';
import { sessionKey } from '../api/queries';
import type { Session } from '../api/types';

/** Who is signed in, as the shell has found out already; undefined outside of it. */
export function useSession(): Session | undefined {
  return useQueryClient().getQueryData<Session | null>(sessionKey) ?? undefined;
}

/** Whether this person may act: acknowledge, turn the switch. The server asks again. */
export function useMayLead(): boolean {
  const role = useSession()?.role;
  return role === 'lead' || role === 'admin';
}
