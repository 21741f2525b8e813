/** What the page of evidence asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';
import { type Fetched, fetchFile } from '../../ui/saving';
import type { Range } from '../history/range';

type Schemas = components['schemas'];
export type Evidence = Schemas['EvidenceOut'];
export type Seal = Schemas['SealOut'];
export type Seals = Schemas['SealsOut'];

export const evidenceKey = ['evidence', 'status'] as const;
export const PAGE = 31;
const MOST = 400;

export const evidence = (signal: AbortSignal): Promise<Evidence> =>
  unwrap(client.GET('/api/v1/evidence', { signal }));

export const seals = (before: string | null, limit: number, signal: AbortSignal): Promise<Seals> =>
  unwrap(
    client.GET('/api/v1/evidence/seals', {
      params: { query: { limit, ...(before === null ? {} : { before }) } },
      signal,
    }),
  );

/** How many calls the days up to a moment hold, by the newest seals. */
export async function sealedCalls(range: Range, signal: AbortSignal): Promise<number> {
  const { items } = await seals(utcDay(range.to + DAY - 1), MOST, signal);
  const first = utcDay(range.from - LEAD_IN);
  return items.filter(({ day }) => day >= first).reduce((sum, { calls }) => sum + calls, 0);
}

export const packFile = (
  range: Range,
  signal: AbortSignal,
  told: (bytes: number) => void,
): Promise<Fetched> =>
  fetchFile(
    `/api/v1/evidence/pack?${new URLSearchParams({
      from: new Date(range.from).toISOString(),
      to: new Date(range.to).toISOString(),
    })}`,
    signal,
    told,
  );

const DAY = 86_400_000;
/** A pack holds the calls of so long before its period, so that it is known who called again. */
const LEAD_IN = 30 * DAY;

/** The day of a seal, which is one of UTC. */
export const utcDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
