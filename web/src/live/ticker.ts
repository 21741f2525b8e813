/**
 * One timer for every running time on the page.
 *
 * Subscribers write text straight into the DOM once a second, on the server's whole second, so
 * that 300 callers cost one short task a second and React does nothing while nothing happens.
 */
export interface TickerDeps {
  /** The server's time in milliseconds; null while it is not known. */
  now(): number | null;
  setTimer(run: () => void, ms: number): number;
  clearTimer(id: number): void;
}

export type Tick = (now: number) => void;

const SECOND = 1_000;

export class Ticker {
  readonly #deps: TickerDeps;
  readonly #ticks = new Set<Tick>();
  #timer: number | null = null;

  constructor(deps: TickerDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#timer === null) this.#schedule();
  }

  stop(): void {
    if (this.#timer !== null) this.#deps.clearTimer(this.#timer);
    this.#timer = null;
  }

  now(): number | null {
    return this.#deps.now();
  }

  /** Calls `tick` now, if the time is known, and then every second. */
  subscribe(tick: Tick): () => void {
    this.#ticks.add(tick);
    const now = this.#deps.now();
    if (now !== null) tick(now);
    return () => this.#ticks.delete(tick);
  }

  #schedule(): void {
    const now = this.#deps.now();
    const wait = now === null ? SECOND : SECOND - (now % SECOND);
    this.#timer = this.#deps.setTimer(() => this.#run(), wait);
  }

  #run(): void {
    const now = this.#deps.now();
    if (now !== null) for (const tick of this.#ticks) tick(now);
    this.#schedule();
  }
}
