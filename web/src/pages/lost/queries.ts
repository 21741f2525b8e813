/** What the page of lost callers asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type LostCaller = Schemas['LostCallerOut'];
export type LostCallers = Schemas['LostCallersOut'];
export type CallBack = Schemas['CallBackOut'];
export type Status = CallBack['status'];

export const STATUSES: readonly Status[] = [
  'to_call',
  'in_progress',
  'no_answer',
  'reached',
  'dismissed',
];
/** More would be no list to work through. */
const LIMIT = 300;

export interface Asked {
  readonly from: number;
  readonly to: number;
  readonly queue: string | null;
  readonly pbx: string | null;
  readonly all: boolean;
}

const query = ({ from, to, queue, pbx, all }: Asked) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  show: all ? ('all' as const) : ('open' as const),
  ...(queue === null ? {} : { queue }),
  ...(pbx === null ? {} : { pbx }),
});

export const lostKey = (asked: Asked) => ['lost', asked] as const;

/** As JSON, since no other format is asked for. */
export const lostCallers = (asked: Asked, signal: AbortSignal): Promise<LostCallers> =>
  unwrap(
    client.GET('/api/v1/lost-callers', {
      params: { query: { ...query(asked), limit: LIMIT } },
      signal,
    }),
  ) as Promise<LostCallers>;

export const tableUrl = (asked: Asked): string =>
  `/api/v1/lost-callers?${new URLSearchParams({ ...query(asked), format: 'csv', limit: '2000' })}`;

export const changeLost = (id: string, body: Schemas['CallBackChange']): Promise<CallBack> =>
  unwrap(
    client.PATCH('/api/v1/lost-callers/{call_id}', { params: { path: { call_id: id } }, body }),
  );
