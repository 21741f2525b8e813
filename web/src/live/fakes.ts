/** Stand-ins for tests: a socket and timers that do only what the test makes them do. */
import type { ConnectionDeps, SocketLike } from './connection';

export class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  readonly sent: string[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.(new Event('open'));
  }

  say(data: string): void {
    this.onmessage?.(new MessageEvent('message', { data }));
  }

  hangUp(code = 1006): void {
    this.onclose?.({ code } as CloseEvent);
  }
}

/** A world whose time moves only when the test moves it. */
export class World {
  now = 0;
  readonly sockets: FakeSocket[] = [];
  readonly #timers = new Map<number, { due: number; run: () => void }>();
  #next = 1;

  readonly deps: ConnectionDeps = {
    open: () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket;
    },
    setTimer: (run, ms) => {
      this.#next += 1;
      this.#timers.set(this.#next, { due: this.now + ms, run });
      return this.#next;
    },
    clearTimer: (id) => this.#timers.delete(id),
    random: () => 1,
    now: () => this.now,
  };

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (last === undefined) throw new Error('nothing was opened');
    return last;
  }

  get timers(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const [id, timer] = [...this.#timers].sort((a, b) => a[1].due - b[1].due)[0] ?? [];
      if (id === undefined || timer === undefined || timer.due > until) break;
      this.now = timer.due;
      this.#timers.delete(id);
      timer.run();
    }
    this.now = until;
  }
}
