/** A wall screen's way in: its address brings a key, which is exchanged once for a session. */
import { client, unwrap } from '../api/client';
import type { Session } from '../api/types';

/** The key in an address like `/wall#device=…`; null where there is none. */
export function deviceToken(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('device');
  return token === null || token === '' ? null : token;
}

/** The address without its key: nobody who passes by shall photograph it. */
export function withoutToken(href: string): string {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.replace(/^#/, ''));
  hash.delete('device');
  url.hash = hash.toString();
  return url.href.replace(/#$/, '');
}

export const exchangeToken = (token: string): Promise<Session> =>
  unwrap(client.POST('/api/v1/session/device', { body: { token } }));
