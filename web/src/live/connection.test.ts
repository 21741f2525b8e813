import { describe, expect, it } from 'vitest';
import {
  BACKOFF_FIRST_MS,
  BACKOFF_MAX_MS,
  backoff,
  LiveConnection,
  type LostReason,
  SILENCE_MS,
  type SocketLike,
} from './connection';

class FakeSocket implements SocketLike {
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

  hangUp(): void {
    this.onclose?.(new Event('close') as CloseEvent);
  }
}

/** A world whose time moves only when the test moves it. */
class World {
  now = 0;
  readonly sockets: FakeSocket[] = [];
  readonly messages: unknown[] = [];
  readonly lost: LostReason[] = [];
  readonly retries: number[] = [];
  rejected = 0;
  readonly #timers = new Map<number, { due: number; run: () => void }>();
  #next = 1;

  readonly connection = new LiveConnection(
    {
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
    },
    {
      onMessage: (data) => this.messages.push(data),
      onLost: (reason) => this.lost.push(reason),
      onRetry: (ms) => this.retries.push(ms),
      onRejected: () => {
        this.rejected += 1;
      },
    },
  );

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

function started(): World {
  const world = new World();
  world.connection.start();
  world.socket.open();
  return world;
}

describe('a live connection', () => {
  it('hands on what the server says', () => {
    const world = started();
    world.socket.say('{"type":"heartbeat","seq":1}');
    world.socket.say('not json');
    expect(world.messages).toEqual([{ type: 'heartbeat', seq: 1 }, null]);
  });

  it('asks for a snapshot', () => {
    const world = started();
    world.connection.resync();
    expect(world.socket.sent).toEqual(['{"type":"resync"}']);
  });

  it('is lost when the server falls silent', () => {
    const world = started();
    world.pass(SILENCE_MS - 1);
    world.socket.say('{}');
    world.pass(SILENCE_MS - 1);
    expect(world.lost).toEqual([]);
    world.pass(1);
    expect(world.lost).toEqual(['silent']);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  it('comes back after a first short delay', () => {
    const world = started();
    world.socket.hangUp();
    expect(world.lost).toEqual(['closed']);
    world.pass(BACKOFF_FIRST_MS - 1);
    expect(world.sockets).toHaveLength(1);
    world.pass(1);
    expect(world.sockets).toHaveLength(2);
  });

  it('waits longer each time, up to a limit', () => {
    const world = started();
    for (let attempt = 0; attempt < 9; attempt += 1) {
      world.socket.hangUp();
      world.pass(BACKOFF_MAX_MS);
    }
    expect(world.retries.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(world.retries.at(-1)).toBe(BACKOFF_MAX_MS);
  });

  it('starts from the first delay again after a good connection', () => {
    const world = started();
    world.socket.hangUp();
    world.pass(BACKOFF_FIRST_MS);
    world.socket.open();
    for (let second = 0; second < 12; second += 2) {
      world.pass(2_000);
      world.socket.say('{}');
    }
    world.socket.hangUp();
    expect(world.retries.at(-1)).toBe(BACKOFF_FIRST_MS);
  });

  it('tells when the server does not let it in', () => {
    const world = new World();
    world.connection.start();
    world.socket.hangUp();
    expect(world.rejected).toBe(1);
  });

  it('can be hurried while it waits, and only then', () => {
    const world = started();
    world.connection.hurry();
    expect(world.sockets).toHaveLength(1);
    world.socket.hangUp();
    world.connection.hurry();
    expect(world.sockets).toHaveLength(2);
  });

  it('is quiet once stopped', () => {
    const world = started();
    world.connection.stop();
    world.pass(60_000);
    expect(world.sockets).toHaveLength(1);
    expect(world.sockets[0]?.closed).toBe(true);
    expect(world.timers).toBe(0);
  });
});

it('spreads the returns of many pages', () => {
  expect(backoff(3, 0)).toBe(1_000);
  expect(backoff(3, 0.5)).toBe(1_500);
  expect(backoff(3, 1)).toBe(2_000);
});
