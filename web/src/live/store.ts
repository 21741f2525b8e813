/**
 * Holds the live state for the page: reduces messages at once, tells React in small batches.
 */
import type { Call, LiveMessage } from '../api/types';
import { ServerClock } from './clock';
import { type ConnectionDeps, LiveConnection, type LostReason } from './connection';
import { type LiveState, reduce, withEnded } from './reducer';
import { FINE, SECOND, Ticker } from './ticker';

/** Deltas that come closer together than the eye can follow are shown in one go. */
export const BATCH_MS = 100;
/** How long an answer to a resync may take before the connection is given up. */
const RESYNC_PATIENCE_MS = 3_000;
/** What ended longer ago did not just end: the record may hold nothing but an import. */
const JUST_ENDED_MS = 24 * 3_600_000;

export type StreamPhase =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | {
      readonly kind: 'stale';
      readonly reason: LostReason;
      /** The server's time of the last message: what is shown is true as of then. */
      readonly asOf: number | null;
    };

export interface LiveView {
  readonly phase: StreamPhase;
  readonly state: LiveState | null;
}

export interface StoreOptions {
  readonly deps: ConnectionDeps;
  /** The server refused the stream: check whether the session still stands. */
  readonly onRejected: () => void;
}

export class LiveStore {
  /** For texts. */
  readonly ticker: Ticker;
  /** For bars. */
  readonly fineTicker: Ticker;
  readonly #deps: ConnectionDeps;
  readonly #clock = new ServerClock();
  readonly #connection: LiveConnection;
  readonly #listeners = new Set<() => void>();
  #view: LiveView = { phase: { kind: 'connecting' }, state: null };
  #pending: LiveView = this.#view;
  #batch: number | null = null;
  #resyncAskedAt: number | null = null;

  constructor({ deps, onRejected }: StoreOptions) {
    this.#deps = deps;
    const tickerDeps = {
      now: this.now,
      setTimer: deps.setTimer,
      clearTimer: deps.clearTimer,
    };
    this.ticker = new Ticker(tickerDeps, SECOND);
    this.fineTicker = new Ticker(tickerDeps, FINE);
    this.#connection = new LiveConnection(deps, {
      onMessage: (data) => this.#receive(data),
      onLost: (reason) => this.#lost(reason),
      onRetry: () => undefined,
      onRejected,
    });
  }

  start(): void {
    this.#connection.start();
    this.ticker.start();
    this.fineTicker.start();
  }

  stop(): void {
    this.#connection.stop();
    this.ticker.stop();
    this.fineTicker.stop();
    if (this.#batch !== null) this.#deps.clearTimer(this.#batch);
    this.#batch = null;
  }

  hurry(): void {
    this.#connection.hurry();
  }

  /** Fills the strip of calls that just ended from the record, when the page opens. */
  seedEnded(calls: readonly Call[]): void {
    const { state } = this.#pending;
    if (state === null) return;
    const since = (this.now() ?? 0) - JUST_ENDED_MS;
    const gone = calls.filter(
      (call) => !state.calls.has(call.id) && Date.parse(call.ended_at ?? '') >= since,
    );
    // What the stream said is newer than the record that was asked for.
    this.#set({ ...this.#pending, state: { ...state, ended: withEnded(gone, state.ended) } });
  }

  /** The server's time now, in milliseconds; null before the first message. */
  readonly now = (): number | null => this.#clock.at(this.#deps.now());

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getView = (): LiveView => this.#view;

  #receive(data: unknown): void {
    if (!isMessage(data)) return;
    // After its clock was set the monitor sends snapshots: what was known of it is worth nothing.
    if (data.type === 'snapshot') this.#clock.reset();
    this.#clock.observe(Date.parse(data.server_time), this.#deps.now());
    const { state, needsResync } = reduce(this.#pending.state, data);
    if (data.type === 'snapshot') this.#resyncAskedAt = null;
    if (needsResync) {
      this.#askForSnapshot();
      return;
    }
    const live = state !== null && this.#resyncAskedAt === null;
    this.#set({ phase: live ? LIVE : this.#pending.phase, state });
  }

  #askForSnapshot(): void {
    const now = this.#deps.now();
    if (this.#resyncAskedAt === null) {
      this.#resyncAskedAt = now;
      this.#connection.resync();
    } else if (now - this.#resyncAskedAt >= RESYNC_PATIENCE_MS) {
      // Heartbeats alone must not keep alive what is known to be incomplete.
      this.#connection.abandon();
    }
  }

  #lost(reason: LostReason): void {
    this.#clock.reset();
    this.#resyncAskedAt = null;
    const { state, phase } = this.#pending;
    if (phase.kind === 'stale') return;
    const asOf = state === null ? null : Date.parse(state.serverTime);
    this.#set({ phase: { kind: 'stale', reason, asOf }, state }, true);
  }

  #set(view: LiveView, atOnce = false): void {
    this.#pending = view;
    const phaseChanged = view.phase.kind !== this.#view.phase.kind;
    if (atOnce || phaseChanged) {
      this.#publish();
      return;
    }
    this.#batch ??= this.#deps.setTimer(() => this.#publish(), BATCH_MS);
  }

  #publish(): void {
    if (this.#batch !== null) this.#deps.clearTimer(this.#batch);
    this.#batch = null;
    if (this.#view === this.#pending) return;
    this.#view = this.#pending;
    for (const listener of this.#listeners) listener();
  }
}

const LIVE: StreamPhase = { kind: 'live' };

/** The server is ours, but a proxy's error page or a newer server is not worth a crash. */
function isMessage(data: unknown): data is LiveMessage {
  return (
    typeof data === 'object' &&
    data !== null &&
    'type' in data &&
    'server_time' in data &&
    typeof data.server_time === 'string'
  );
}
