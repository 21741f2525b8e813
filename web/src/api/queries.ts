/** What the pages ask the API for, with the keys under which it is kept. */
import { setCentreZone } from '../format/zone';
import { ApiError, client, unwrap } from './client';
import type { Call, CallDetail, Session } from './types';

export const sessionKey = ['session'] as const;
export const callKey = (id: string) => ['call', id] as const;

/** Calls come newest arrival first, live ones included: enough that some have ended. */
const RECENT = 40;

/** Who is signed in; null when nobody is, which is an answer and not an error. */
export async function currentSession(): Promise<Session | null> {
  try {
    const session = await unwrap(client.GET('/api/v1/session'));
    setCentreZone(session.zone);
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export async function signIn(name: string, password: string): Promise<Session> {
  const session = await unwrap(client.POST('/api/v1/session', { body: { name, password } }));
  setCentreZone(session.zone);
  return session;
}

export async function signOut(): Promise<void> {
  await unwrap(client.DELETE('/api/v1/session'));
}

export const callDetail = (id: string): Promise<CallDetail> =>
  unwrap(client.GET('/api/v1/calls/{call_id}', { params: { path: { call_id: id } } }));

export async function recentCalls(): Promise<readonly Call[]> {
  const page = await unwrap(client.GET('/api/v1/calls', { params: { query: { limit: RECENT } } }));
  return page.items.filter((call) => call.ended_at !== null);
}
