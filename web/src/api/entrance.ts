/** How somebody gets in: the ways that there are, and the first run. */
import { client, unwrap } from './client';
import type { components } from './schema';
import type { Session } from './types';

export type WaysIn = components['schemas']['WaysIn'];
export type Provider = NonNullable<WaysIn['provider']>;

export const waysKey = ['ways-in'] as const;

export const waysIn = (): Promise<WaysIn> => unwrap(client.GET('/api/v1/setup'));

export const setUp = (code: string, name: string, password: string): Promise<Session> =>
  unwrap(client.POST('/api/v1/setup', { body: { code, name, password } }));

/** Where the browser goes to sign in at the identity provider; it comes back to this page. */
export function providerAddress(location: { pathname: string; search: string }): string {
  const search = new URLSearchParams(location.search);
  search.delete(PROBLEM);
  const rest = search.toString();
  const next = location.pathname + (rest === '' ? '' : `?${rest}`);
  return `/api/v1/session/oidc?${new URLSearchParams({ next })}`;
}

/** The parameter with which somebody comes back who was not let in; its value is a code. */
export const PROBLEM = 'sign_in_error';
