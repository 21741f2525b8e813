/**
 * Keeps one live stream open: connects, notices silence, reconnects with back-off and jitter.
 *
 * Everything outside (socket, timers, chance, clock) is handed in, so that tests fire the timers
 * themselves and never wait.
 */

/** The server sends at least a heartbeat every 2 s; three missed ones are a fault. */
export const SILENCE_MS = 6_000;
export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 15_000;
const BACKOFF_FACTOR = 2;
/** A connection that lived this long was good: the next failure starts from the first delay. */
const STABLE_MS = 10_000;
/** The code with which the server closes a stream whose account has changed, or is gone. */
const ACCOUNT_CHANGED = 1008;

export interface SocketLike {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface ConnectionDeps {
  open(): SocketLike;
  setTimer(run: () => void, ms: number): number;
  clearTimer(id: number): void;
  random(): number;
  /** A monotonic clock in milliseconds. */
  now(): number;
}

export type LostReason = 'closed' | 'silent';

export interface ConnectionEvents {
  onMessage(data: unknown): void;
  onLost(reason: LostReason): void;
  /** A connection is tried, or will be after `delayMs`. */
  onRetry(delayMs: number): void;
  /** The server does not let us in (any more): the session has ended, or may see less. */
  onRejected(): void;
}

export class LiveConnection {
  readonly #deps: ConnectionDeps;
  readonly #events: ConnectionEvents;
  #socket: SocketLike | null = null;
  #opened = false;
  #openedAt = 0;
  #failures = 0;
  #silence: number | null = null;
  #retry: number | null = null;
  #stopped = true;

  constructor(deps: ConnectionDeps, events: ConnectionEvents) {
    this.#deps = deps;
    this.#events = events;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#clear();
    this.#drop();
  }

  /** Asks for a snapshot, after a gap. */
  resync(): void {
    if (this.#opened) this.#socket?.send(JSON.stringify({ type: 'resync' }));
  }

  /** Gives up a connection that talks but does not answer. */
  abandon(): void {
    if (this.#opened) this.#fail('silent');
  }

  /** Tries at once instead of waiting; for when the network came back or the tab was opened. */
  hurry(): void {
    if (this.#stopped || this.#retry === null) return;
    this.#connect();
  }

  #connect(): void {
    this.#clear();
    this.#opened = false;
    const socket = this.#deps.open();
    this.#socket = socket;
    this.#listenForSilence();
    socket.onopen = () => {
      this.#opened = true;
      this.#openedAt = this.#deps.now();
      this.#listenForSilence();
    };
    socket.onmessage = (event: MessageEvent) => {
      this.#listenForSilence();
      this.#events.onMessage(parse(event.data));
    };
    socket.onclose = (event) => this.#fail('closed', event.code === ACCOUNT_CHANGED);
  }

  #listenForSilence(): void {
    if (this.#silence !== null) this.#deps.clearTimer(this.#silence);
    this.#silence = this.#deps.setTimer(() => this.#fail('silent'), SILENCE_MS);
  }

  #fail(reason: LostReason, refused = false): void {
    const wasOpen = this.#opened;
    const stable = wasOpen && this.#deps.now() - this.#openedAt >= STABLE_MS;
    this.#clear();
    this.#drop();
    if (this.#stopped) return;
    this.#failures = stable ? 0 : this.#failures + 1;
    this.#events.onLost(reason);
    if (!wasOpen || refused) this.#events.onRejected();
    const delay = backoff(this.#failures, this.#deps.random());
    this.#retry = this.#deps.setTimer(() => this.#connect(), delay);
    this.#events.onRetry(delay);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#opened = false;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #clear(): void {
    if (this.#silence !== null) this.#deps.clearTimer(this.#silence);
    if (this.#retry !== null) this.#deps.clearTimer(this.#retry);
    this.#silence = null;
    this.#retry = null;
  }
}

/** Exponential, capped, with jitter over the upper half, so that 200 pages do not return at once. */
export function backoff(failures: number, random: number): number {
  const exponent = Math.max(0, failures - 1);
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * BACKOFF_FACTOR ** exponent);
  return Math.round(ceiling * (0.5 + 0.5 * random));
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return null;
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return null;
  }
}
