/** In which order indicators stand, under which heading, and which is a part of which. */
import type { Definition } from './queries';

export const GROUPS = {
  commitment: [
    'commitment_rate',
    'calls',
    'met',
    'breached',
    'breached_handled',
    'breached_abandoned',
    'breached_refused',
    'breached_otherwise',
    'abandoned',
    'short_abandons',
    'refused',
    'excluded',
    'outside_opening_hours',
    'test_number',
    'internal_call',
    'left_before_the_clock',
    'unknown',
  ],
  waits: ['average_wait', 'wait_p50', 'wait_p80', 'wait_p95', 'longest_wait'],
  care: [
    'handled_by_agent',
    'handled_by_voice_server',
    'refused_or_cut',
    'partly_observed',
    'corrected',
    'repeats',
    'transferred_calls',
  ],
  levels: [
    'abandoned_within_count_for',
    'answered_only',
    'abandoned_count_against',
    'abandoned_within_left_out',
    'short_abandoned_count_for',
  ],
  visits: [
    'offered',
    'answered',
    'abandoned_visits',
    'left_otherwise',
    'turned_away',
    'unknown_visits',
  ],
  answering: ['asa', 'answer_p50', 'answer_p80', 'answer_p95', 'longest_wait_in_queue'],
  talk: ['average_talk', 'average_hold', 'held', 'ring_no_answer'],
  voice: [
    'voice_reached',
    'voice_with_input',
    'voice_inputs',
    'voice_average_time',
    'voice_ended_there',
    'voice_left_without',
  ],
  handling: ['occupancy', 'aht', 'aht_talk', 'aht_hold', 'aht_wrap_up', 'conversations'],
  time: [
    'logged_in_time',
    'available_time',
    'ringing_time',
    'talk_time',
    'hold_time',
    'wrap_up_time',
    'busy_time',
    'paused_time',
    'unobserved_time',
  ],
} as const satisfies Record<string, readonly string[]>;
export type Group = keyof typeof GROUPS | 'other';

/** Those that count some of what the one above them counts. */
const WITHIN: ReadonlySet<string> = new Set([
  'breached_handled',
  'breached_abandoned',
  'breached_refused',
  'breached_otherwise',
  'short_abandons',
  'outside_opening_hours',
  'test_number',
  'internal_call',
  'left_before_the_clock',
  'turned_away',
  'voice_with_input',
  'voice_left_without',
  'aht_talk',
  'aht_hold',
  'aht_wrap_up',
  'available_time',
  'ringing_time',
  'talk_time',
  'hold_time',
  'wrap_up_time',
  'busy_time',
  'paused_time',
]);

export const isWithin = (code: string): boolean => WITHIN.has(code);

/** Those that there are; what this page does not know yet stands in a group of its own. */
export function grouped(
  definitions: readonly Definition[],
): readonly (readonly [Group, readonly Definition[]])[] {
  const left = new Map(definitions.map((one) => [one.code, one]));
  const found: (readonly [Group, readonly Definition[]])[] = [];
  for (const [group, codes] of Object.entries(GROUPS) as [Group, readonly string[]][]) {
    const known = codes.flatMap((code) => left.get(code) ?? []);
    for (const { code } of known) left.delete(code);
    if (known.length > 0) found.push([group, known]);
  }
  if (left.size > 0) found.push(['other', [...left.values()]]);
  return found;
}
