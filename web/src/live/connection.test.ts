import { describe, expect, it } from 'vitest';
import {
  BACKOFF_FIRST_MS,
  BACKOFF_MAX_MS,
  backoff,
  LiveConnection,
  type LostReason,
  SILENCE_MS,
} from './connection';
import { World } from './fakes';

class Line extends World {
  readonly messages: unknown[] = [];
  readonly lost: LostReason[] = [];
  readonly retries: number[] = [];
  rejected = 0;

  readonly connection = new LiveConnection(this.deps, {
    onMessage: (data) => this.messages.push(data),
    onLost: (reason) => this.lost.push(reason),
    onRetry: (ms) => this.retries.push(ms),
    onRejected: () => {
      this.rejected += 1;
    },
  });
}

function started(): Line {
  const world = new Line();
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
    const world = new Line();
    world.connection.start();
    world.socket.hangUp();
    expect(world.rejected).toBe(1);
  });

  it('tells that the account has changed, or is gone', () => {
    const world = started();
    world.socket.hangUp();
    expect(world.rejected).toBe(0);

    world.pass(BACKOFF_FIRST_MS);
    world.socket.open();
    world.socket.hangUp(1008);

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
