/**
 * One timer for everything of one kind that runs on the page.
 *
 * Subscribers write straight into the DOM: texts once a second, on the server's whole second,
 * bars a few times a second. So 300 callers cost a few short tasks a second, and React does
 * nothing while nothing happens.
 */
export interface TickerDeps {
  /** The server's time in milliseconds; null while it is not known. */
  now(): number | null;
  setTimer(run: () => void, ms: number): number;
  clearTimer(id: number): void;
}

export type Tick = (now: number) => void;

export const SECOND = 1_000;
/** A bar as wide as a card moves by about a pixel in this time. */
export const FINE = 250;
/** A browser may fire a timer so much before its time. */
const EARLY = 5;
/** More bars than anybody follows: they then move with the seconds, at a quarter of the work. */
export const CROWD = 60;

export class Ticker {
  readonly #deps: TickerDeps;
  readonly #period: number;
  readonly #ticks = new Set<Tick>();
  #timer: number | null = null;

  constructor(deps: TickerDeps, period: number) {
    this.#deps = deps;
    this.#period = period;
  }

  start(): void {
    if (this.#timer === null) this.#schedule();
  }

  stop(): void {
    if (this.#timer !== null) this.#deps.clearTimer(this.#timer);
    this.#timer = null;
  }

  /**
   * The moment that is shown: where the last whole period began, as on a clock whose hand jumps.
   *
   * A tick of the very moment at which its timer fires would now and then leave a second out, and
   * let the one before stand for two: timers come late by some milliseconds, or by many.
   */
  now(): number | null {
    const now = this.#deps.now();
    return now === null ? null : Math.floor((now + EARLY) / this.#period) * this.#period;
  }

  /** Calls `tick` now, if the time is known, and then once in each period. */
  subscribe(tick: Tick): () => void {
    this.#ticks.add(tick);
    const now = this.now();
    if (now !== null) tick(now);
    return () => this.#ticks.delete(tick);
  }

  #schedule(): void {
    const now = this.#deps.now();
    const period = this.#ticks.size > CROWD ? SECOND : this.#period;
    const wait = now === null ? period : period - (now % period);
    this.#timer = this.#deps.setTimer(() => this.#run(), wait);
  }

  #run(): void {
    const now = this.now();
    if (now !== null) for (const tick of this.#ticks) tick(now);
    this.#schedule();
  }
}
