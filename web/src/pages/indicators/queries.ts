/** What the page of all indicators asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';
import type { Range } from '../history/range';

type Schemas = components['schemas'];
export type Definition = Schemas['IndicatorOut'];
export type PeriodFigures = Schemas['PeriodOut'];
export type Part = Schemas['PartOut'];
export type Value = Schemas['ValueOut'];

export const SPLITS = ['month', 'week', 'day', 'queue', 'pbx'] as const;
export type Split = (typeof SPLITS)[number];

export interface Asked {
  readonly range: Range;
  readonly pbx: string | null;
  readonly queue: string | null;
  /** Null: as a whole. */
  readonly by: Split | null;
}

export const key = ({ range, pbx, queue, by }: Asked) => [range.from, range.to, pbx, queue, by];

export const figuresOf = (
  { range, pbx, queue, by }: Asked,
  signal: AbortSignal,
): Promise<PeriodFigures> =>
  unwrap(
    client.GET('/api/v1/indicators/period', {
      params: {
        query: {
          from: new Date(range.from).toISOString(),
          to: new Date(range.to).toISOString(),
          ...(pbx === null ? {} : { pbx }),
          ...(queue === null ? {} : { queue }),
          ...(by === null ? {} : { by }),
        },
      },
      signal,
    }),
  );

export const definitions = async (signal: AbortSignal): Promise<readonly Definition[]> =>
  (await unwrap(client.GET('/api/v1/indicators/definitions', { signal }))).items;
