/** Waits by whole second, put together in steps. */

export const STEP_S = 5;
const LAST_S = 180;

/** Longer than `over` seconds, and at most `upTo`; null: all that are longer. */
export interface Bin {
  readonly over: number;
  readonly upTo: number | null;
  readonly many: number;
}

/** @param counts how many, by whole second, rounded up. */
export function binned(counts: Readonly<Record<string, number>>): readonly Bin[] {
  const many = new Array<number>(LAST_S / STEP_S + 1).fill(0);
  for (const [second, count] of Object.entries(counts)) {
    // A wait of nought is in the first step.
    const place = Math.max(0, Math.ceil(Number(second) / STEP_S) - 1);
    const step = Math.min(many.length - 1, place);
    many[step] = (many[step] ?? 0) + count;
  }
  return many.map((count, index) => ({
    over: index * STEP_S,
    upTo: index === many.length - 1 ? null : (index + 1) * STEP_S,
    many: count,
  }));
}
