/** What the history page asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';
import type { Range, Step } from './range';

type Schemas = components['schemas'];
export type Series = Schemas['Series'];
export type SeriesBucket = Schemas['SeriesBucket'];
export type Period = Schemas['Period'];
export type Figures = Schemas['Figures'];
export type Waits = Schemas['WaitsOut'];
export type Week = Schemas['WeekOut'];
export type WeekCell = Schemas['WeekCell'];
export type Bounds = Schemas['Bounds'];

/** Which calls: a range, of one PBX and one queue or of all. */
export interface Asked {
  readonly range: Range;
  readonly pbx: string | null;
  readonly queue: string | null;
}

export type WaitsOf = 'call' | 'visit';

const query = ({ range, pbx, queue }: Asked) => ({
  from: new Date(range.from).toISOString(),
  to: new Date(range.to).toISOString(),
  ...(pbx === null ? {} : { pbx }),
  ...(queue === null ? {} : { queue }),
});

export const key = (asked: Asked) =>
  [asked.range.from, asked.range.to, asked.pbx, asked.queue] as const;

/** As JSON, since no other format is asked for. */
export const series = (asked: Asked, step: Step, signal: AbortSignal): Promise<Series> =>
  unwrap(
    client.GET('/api/v1/indicators/series', {
      params: { query: { ...query(asked), step } },
      signal,
    }),
  ) as Promise<Series>;

export const waits = (asked: Asked, of: WaitsOf, signal: AbortSignal): Promise<Waits> =>
  unwrap(
    client.GET('/api/v1/indicators/waits', { params: { query: { ...query(asked), of } }, signal }),
  );

export const week = (asked: Asked, signal: AbortSignal): Promise<Week> =>
  unwrap(client.GET('/api/v1/indicators/week', { params: { query: query(asked) }, signal }));

/** Where the same figures are as a table. */
export const tableUrl = (asked: Asked, step: Step): string =>
  `/api/v1/indicators/series?${new URLSearchParams({ ...query(asked), step, format: 'csv' })}`;

/** The calls behind a figure; the names are those that the calls page knows. */
export function callsLink(
  asked: Pick<Asked, 'pbx' | 'queue'>,
  from: number | string,
  to: number | string,
  more: Readonly<Record<string, string>> = {},
): string {
  return `/calls?${new URLSearchParams({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...(asked.pbx === null ? {} : { pbx: asked.pbx }),
    ...(asked.queue === null ? {} : { queue: asked.queue }),
    ...more,
  })}`;
}
