/** Which figures lead to their calls. A link that means other calls would be worse than none. */
import type { Session } from '../../api/types';
import type { Asked, Definition, Part, Value } from './queries';

/** The commitment's rate is made of two verdicts: its calls are those that were decided. */
const DECIDED: readonly (readonly [string, string])[] = [
  ['verdict', 'met'],
  ['verdict', 'breached'],
];

/**
 * The list of exactly the calls that a figure counts; null: no filter means them.
 *
 * Of calls a queue is the one that judges them, and the list's filter means those that visited it.
 * So with a queue, and for who sees some queues only, figures of calls have no list. Of visits it
 * is the calls with such a visit.
 */
export function callsOf(
  definition: Definition,
  value: Value | undefined,
  asked: Asked,
  part: Part | null,
  session: Session | undefined,
): string | null {
  const pairs = filtersOf(definition);
  if (pairs === null || !value?.value) return null;
  const queue = part?.queue ?? asked.queue;
  const narrowed = queue !== null || session?.queues != null;
  if (definition.of === 'calls' ? narrowed : queue === '') return null;
  const pbx = part?.pbx ?? asked.pbx;
  const params = new URLSearchParams([
    ['from', part?.starts_at ?? new Date(asked.range.from).toISOString()],
    ['to', part?.ends_at ?? new Date(asked.range.to).toISOString()],
    ...(pbx === null ? [] : [['pbx', pbx]]),
    ...(queue === null ? [] : [['queue', queue]]),
    ...pairs.map(([name, text]) => [name, text]),
  ]);
  return `/calls?${params}`;
}

function filtersOf({ code, of, calls }: Definition): readonly (readonly [string, string])[] | null {
  if (code === 'commitment_rate') return DECIDED;
  return of === 'voice' || of === 'agents' || calls === null ? null : Object.entries(calls);
}
