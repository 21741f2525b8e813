/** What these pages ask the API for. */
import { client, unwrap } from '../../api/client';
import type { CallCount, CallPage, Decision, Policy } from '../../api/types';

export const PAGE = 100;

/** The keys hold the filters as they stand in the address: two tabs of one range share a list. */
export const listKey = (filters: string) => ['calls', filters] as const;
export const countKey = (filters: string) => ['calls-count', filters] as const;
export const decisionsKey = (call: string) => ['call-decisions', call] as const;

/** The generated client's own shape of a query, from that of an address. */
function asQuery(params: URLSearchParams): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(params.keys())) {
    query[name] = name === 'verdict' ? params.getAll(name) : (params.get(name) ?? '');
  }
  return query;
}

export const listPage = (params: URLSearchParams, cursor: string | null): Promise<CallPage> =>
  unwrap(
    client.GET('/api/v1/calls', {
      params: {
        query: { ...asQuery(params), limit: PAGE, ...(cursor === null ? {} : { cursor }) },
      },
    }),
  );

export const countOf = (params: URLSearchParams): Promise<CallCount> =>
  unwrap(client.GET('/api/v1/calls/count', { params: { query: asQuery(params) } }));

export const exportUrl = (params: URLSearchParams, french: boolean): string => {
  const all = new URLSearchParams(params);
  all.set('bom', 'true');
  if (french) all.set('separator', 'semicolon');
  return `/api/v1/calls/export?${all}`;
};

/** Decisions about one call, the first one first. */
export async function decisionsOf(call: string): Promise<readonly Decision[]> {
  const page = await unwrap(
    client.GET('/api/v1/overflow/decisions', { params: { query: { call, limit: 100 } } }),
  );
  return page.items.toReversed();
}

export const policyKey = (version: number) => ['policy', version] as const;

export const policyOf = (version: number): Promise<Policy> =>
  unwrap(client.GET('/api/v1/policies/{version}', { params: { path: { version } } }));
