/**
 * The server's clock, estimated from the moments it stamps on its messages.
 *
 * A message's age on arrival is never negative, so the sample that makes the server's clock
 * latest is the one that travelled fastest, and the best estimate. The local side is a monotonic
 * clock (`performance.now`), which a correction of the computer's time does not move.
 */
import type { LivePbx } from '../api/types';

/**
 * Long enough to have seen a fast message, short enough to follow a drifting clock. A span and not
 * a number of messages: in a rush thirty of them come in a second, all of them late.
 */
const WINDOW_MS = 30_000;

/** A jump beyond this is a clock that was set, not a slow message. */
const JUMP_MS = 5_000;

export class ServerClock {
  /** Oldest first, each less than the one before: what a later sample beats is of no use. */
  #samples: { readonly at: number; readonly offset: number }[] = [];
  #offset: number | null = null;

  /** Notes that a message stamped `serverMs` arrived at the local monotonic moment `localMs`. */
  observe(serverMs: number, localMs: number): void {
    const offset = serverMs - localMs;
    if (this.#offset !== null && Math.abs(offset - this.#offset) > JUMP_MS) this.#samples = [];
    this.#samples = this.#samples.filter(
      (sample) => sample.offset > offset && localMs - sample.at < WINDOW_MS,
    );
    this.#samples.push({ at: localMs, offset });
    this.#offset = this.#samples[0]?.offset ?? offset;
  }

  /** Forgets the samples; the estimate stands until the next message. */
  reset(): void {
    this.#samples = [];
  }

  /** The server's time at the local monotonic moment; null before the first message. */
  at(localMs: number): number | null {
    return this.#offset === null ? null : localMs + this.#offset;
  }
}

/** The measured offset trembles by some milliseconds; no bar has to move for that. */
const OFFSET_STEP_MS = 50;

/** The offsets to go by: the ones before, but for those that are truly others now. */
export function offsetsOf(
  before: ReadonlyMap<string, number>,
  pbxs: Iterable<Pick<LivePbx, 'name' | 'clock_offset_s'>>,
): ReadonlyMap<string, number> {
  return new Map(
    [...pbxs].map(({ name, clock_offset_s }) => {
      const measured = Math.round(clock_offset_s * 1000);
      const known = before.get(name);
      const same = known !== undefined && Math.abs(measured - known) < OFFSET_STEP_MS;
      return [name, same ? known : measured];
    }),
  );
}
