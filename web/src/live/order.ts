/**
 * The order of the queues: worst first, but calm to look at.
 *
 * A queue that gets a breached caller moves up at once. Everything else waits for the next
 * regular sorting, so that a card under the eye (or the pointer) does not jump at each tick.
 */

/** 3: a caller past the deadline, 2: one at risk, 1: somebody waits, 0: nobody. */
export type Severity = 0 | 1 | 2 | 3;

export interface Ranked {
  readonly key: string;
  readonly label: string;
  readonly severity: Severity;
  /** How many callers make it that severe; more is worse. */
  readonly weight: number;
}

export interface Order {
  readonly keys: readonly string[];
  readonly severities: ReadonlyMap<string, Severity>;
  readonly sortedAt: number;
}

export const RESORT_MS = 10_000;

export const severityOf = (waiting: number, risk: number, breached: number): Severity => {
  if (breached > 0) return 3;
  if (risk > 0) return 2;
  return waiting > 0 ? 1 : 0;
};

/** `hold` keeps everything where it is, for as long as somebody points at a card. */
export function nextOrder(
  previous: Order | null,
  queues: readonly Ranked[],
  now: number,
  hold = false,
): Order {
  if (previous === null) return sorted(queues, new Map(), now);
  const places = new Map(previous.keys.map((key, place) => [key, place]));
  const changed =
    queues.length !== previous.keys.length || queues.some((queue) => !places.has(queue.key));
  const worsened = queues.some(
    (queue) => queue.severity === 3 && previous.severities.get(queue.key) !== 3,
  );
  const due = now - previous.sortedAt >= RESORT_MS;
  if (changed || (!hold && (worsened || due))) return sorted(queues, places, now);
  return previous;
}

function sorted(queues: readonly Ranked[], places: Map<string, number>, now: number): Order {
  const place = (queue: Ranked): number => places.get(queue.key) ?? Number.MAX_SAFE_INTEGER;
  const keys = [...queues]
    .sort(
      (a, b) =>
        b.severity - a.severity ||
        b.weight - a.weight ||
        place(a) - place(b) ||
        a.label.localeCompare(b.label),
    )
    .map((queue) => queue.key);
  const severities = new Map(queues.map((queue) => [queue.key, queue.severity]));
  return { keys, severities, sortedAt: now };
}
