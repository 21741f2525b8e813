/** What the page of all indicators asks the API for. */
import { client, unwrap } from '../../api/client';
import type { components } from '../../api/schema';
import type { Range } from '../history/range';

type Schemas = components['schemas'];
/** What an indicator is; those of agents' time have their own list, and no calls. */
export type Definition = Omit<Schemas['IndicatorOut'], 'of'> & {
  readonly of: Schemas['IndicatorOut']['of'] | 'agents';
};
export type PeriodFigures = Schemas['PeriodOut'];
export type Value = Schemas['ValueOut'];

/** A part of a period, or of its agents. */
export type Part = Schemas['PartOut'] &
  Partial<Pick<Schemas['AgentPartOut'], 'team' | 'agent' | 'name'>>;

/** Indicators as a whole and in parts: all that their table needs. */
export interface Figured {
  readonly total: { readonly values: Readonly<Record<string, Value>> };
  readonly parts: readonly Part[];
}

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

export interface Definitions {
  readonly calls: readonly Definition[];
  readonly agents: readonly Definition[];
}

export async function definitions(signal: AbortSignal): Promise<Definitions> {
  const found = await unwrap(client.GET('/api/v1/indicators/definitions', { signal }));
  return {
    calls: found.items,
    agents: found.agents.map((one) => ({ ...one, of: 'agents', source: '', calls: null })),
  };
}

/** Agents' time in the parts of the rest of the page, by team, or by agent where that is kept. */
export type AgentSplit = Split | 'team' | 'agent';

export interface AgentFigures extends Figured {
  /** Whether the time of single agents is kept, and this account may see it. */
  readonly perAgent: boolean;
  /** Seconds paused, by the reason that was given. */
  readonly pauses: Readonly<Record<string, number>>;
}

export async function agentTime(
  { range, pbx }: Asked,
  by: AgentSplit | null,
  signal: AbortSignal,
): Promise<AgentFigures> {
  const found = await unwrap(
    client.GET('/api/v1/indicators/agents', {
      params: {
        query: {
          from: new Date(range.from).toISOString(),
          to: new Date(range.to).toISOString(),
          ...(pbx === null ? {} : { pbx }),
          ...(by === null ? {} : { by }),
        },
      },
      signal,
    }),
  );
  return {
    perAgent: found.per_agent,
    pauses: found.total.pauses ?? {},
    total: ranged(found.total),
    parts: found.parts.map(ranged),
  };
}

/** Nothing of agents' time lies in a range: what was not observed is a figure of its own. */
const ranged = (part: Schemas['AgentPartOut']) => ({
  ...part,
  values: Object.fromEntries(
    Object.entries(part.values).map(([code, value]) => [code, { ...value, low: null, high: null }]),
  ),
});
