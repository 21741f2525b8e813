/** What stays on this screen when the session ends, or becomes another one. */
import type { QueryClient } from '@tanstack/react-query';
import { currentSession, sessionKey } from './queries';
import type { Session } from './types';

const DRAFT = 'draft';
const last = new WeakMap<QueryClient, Session>();

/** What a session may see: pages and answers of one are nothing for another. */
export const rightsOf = ({ name, role, queues, sees_numbers }: Session): string =>
  JSON.stringify([name, role, queues, sees_numbers]);

/**
 * Forgets what was read for somebody else, or with other rights; to be called with each answer to
 * the question who is signed in, before it is shown. What the same person has typed and not saved
 * stays through the end of a session.
 */
export function noteSession(cache: QueryClient, next: Session | null): void {
  const before = last.get(cache);
  if (next !== null) last.set(cache, next);
  if (before === undefined || (next !== null && rightsOf(before) === rightsOf(next))) return;
  const samePerson = next === null || next.name === before.name;
  cache.removeQueries({
    predicate: ({ queryKey: [root] }) => root !== sessionKey[0] && !(samePerson && root === DRAFT),
  });
}

/** Who is signed in: how every page asks it. */
export const sessionQuery = (cache: QueryClient) => ({
  queryKey: sessionKey,
  queryFn: async (): Promise<Session | null> => {
    const found = await currentSession();
    noteSession(cache, found);
    return found;
  },
  staleTime: 60_000,
});
