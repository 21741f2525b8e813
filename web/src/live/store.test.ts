import { describe, expect, it } from 'vitest';
import type { LiveMessage } from '../api/types';
import { World } from './fakes';
import { at, call, delta, snapshot, T0 } from './samples';
import { BATCH_MS, LiveStore } from './store';

class Page extends World {
  rejections = 0;
  shown = 0;
  readonly store = new LiveStore({
    deps: this.deps,
    onRejected: () => {
      this.rejections += 1;
    },
  });

  static open(...messages: LiveMessage[]): Page {
    const page = new Page();
    page.store.subscribe(() => {
      page.shown += 1;
    });
    page.store.start();
    page.socket.open();
    for (const message of messages) page.say(message);
    page.pass(100);
    return page;
  }

  say(message: LiveMessage): void {
    this.socket.say(JSON.stringify(message));
  }

  get view() {
    return this.store.getView();
  }
}

const heartbeat = (seq: number, seconds: number): LiveMessage => ({
  type: 'heartbeat',
  seq,
  server_time: at(seconds),
});

describe('the live store', () => {
  it('is live from the first snapshot on', () => {
    const page = Page.open();
    expect(page.view.phase.kind).toBe('connecting');
    page.say(snapshot(1));
    expect(page.view.phase.kind).toBe('live');
  });

  it('shows a burst of deltas in one go', () => {
    const page = Page.open(snapshot(1));
    const before = page.shown;
    for (let seq = 2; seq < 12; seq += 1) {
      page.say(delta(seq, { kind: 'call', call: call(String(seq)) }));
    }
    page.pass(BATCH_MS);
    expect(page.shown - before).toBe(1);
    expect(page.view.state?.calls.size).toBe(10);
  });

  it('asks once for a snapshot after a gap, and goes on from it', () => {
    const page = Page.open(snapshot(1));
    page.say(delta(5));
    page.say(delta(6));
    expect(page.socket.sent).toEqual(['{"type":"resync"}']);
    page.say(snapshot(6, { calls: [call('1')] }));
    page.pass(BATCH_MS);
    expect(page.view.state?.calls.size).toBe(1);
    expect(page.view.phase.kind).toBe('live');
  });

  it('does not let heartbeats alone keep an incomplete picture alive', () => {
    const page = Page.open(snapshot(1));
    for (let second = 2; second <= 8; second += 2) {
      page.pass(2_000);
      page.say(heartbeat(4, second));
      if (page.view.phase.kind === 'stale') break;
    }
    expect(page.view.phase.kind).toBe('stale');
    expect(page.now).toBeLessThan(6_500);
  });

  it('is stale as of the last message when the stream drops, until the next snapshot', () => {
    const page = Page.open(snapshot(1));
    page.pass(2_000);
    page.say(heartbeat(1, 2));
    page.socket.hangUp();
    expect(page.view.phase).toEqual({ kind: 'stale', reason: 'closed', asOf: T0 + 2_000 });
    page.pass(500);
    page.socket.open();
    expect(page.view.phase.kind).toBe('stale');
    page.say(snapshot(1));
    expect(page.view.phase.kind).toBe('live');
  });

  it('keeps the moment of the first loss through failed attempts', () => {
    const page = Page.open(snapshot(1));
    page.socket.hangUp();
    page.pass(500);
    page.socket.hangUp();
    expect(page.view.phase).toMatchObject({ reason: 'closed', asOf: T0 });
    expect(page.rejections).toBe(1);
  });

  it('seeds the strip of ended calls without losing what the stream said', () => {
    const page = Page.open(snapshot(1, { calls: [call('live')] }));
    const ended = (id: string, verdict: 'met' | 'breached') =>
      call(id, { ended_at: at(5), verdict });
    page.say(delta(2, { kind: 'call', call: ended('1', 'breached') }));
    page.store.seedEnded([ended('1', 'met'), ended('2', 'met'), ended('live', 'met')]);
    page.pass(BATCH_MS);
    expect(page.view.state?.ended.map(({ uniqueid, verdict }) => [uniqueid, verdict])).toEqual([
      ['1', 'breached'],
      ['2', 'met'],
    ]);
  });

  it('does not say of a call of long ago that it just ended', () => {
    const page = Page.open(snapshot(1));
    page.store.seedEnded([
      call('1', { ended_at: at(-86_401), verdict: 'met' }),
      call('2', { ended_at: at(-86_390), verdict: 'met' }),
    ]);
    page.pass(BATCH_MS);
    expect(page.view.state?.ended.map(({ uniqueid }) => uniqueid)).toEqual(['2']);
  });

  it('passes over what is no message at all', () => {
    const page = Page.open(snapshot(1));
    page.socket.say('<html>Bad gateway</html>');
    page.socket.say('{"type":"delta"}');
    expect(page.view.phase.kind).toBe('live');
  });
});
