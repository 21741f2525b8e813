/** What team leaders do on the live board. */
import { client, unwrap } from './client';
import type { RuleOut } from './types';

export const acknowledgeAlerts = (ids: readonly string[]) =>
  unwrap(client.POST('/api/v1/alerts/acknowledge', { body: { ids: [...ids] } }));

export const turnSwitch = (on: boolean, note: string) =>
  unwrap(client.PUT('/api/v1/overflow/switch', { body: { on, note } }));

export const rulesKey = ['overflow', 'rules'] as const;

export async function overflowRules(): Promise<readonly RuleOut[]> {
  return (await unwrap(client.GET('/api/v1/overflow/rules'))).items;
}

export const queueCallsKey = (pbx: string, queue: string) =>
  ['calls', 'queue', pbx, queue] as const;

const LAST = 12;

/** The last calls of a queue, live ones included. */
export const queueCalls = (pbx: string, queue: string) =>
  unwrap(client.GET('/api/v1/calls', { params: { query: { pbx, queue, limit: LAST } } }));
