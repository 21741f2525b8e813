/**
 * The server's clock, estimated from the moments it stamps on its messages.
 *
 * A message's age on arrival is never negative, so the sample that makes the server's clock
 * latest is the one that travelled fastest, and the best estimate. The local side is a monotonic
 * clock (`performance.now`), which a correction of the computer's time does not move.
 */

/** Long enough to have seen a fast message, short enough to follow a drifting clock. */
const WINDOW = 30;

/** A jump beyond this is a clock that was set, not a slow message. */
const JUMP_MS = 5_000;

export class ServerClock {
  #samples: number[] = [];
  #offset: number | null = null;

  /** Notes that a message stamped `serverMs` arrived at the local monotonic moment `localMs`. */
  observe(serverMs: number, localMs: number): void {
    const sample = serverMs - localMs;
    if (this.#offset !== null && Math.abs(sample - this.#offset) > JUMP_MS) this.#samples = [];
    this.#samples.push(sample);
    if (this.#samples.length > WINDOW) this.#samples.shift();
    this.#offset = Math.max(...this.#samples);
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
