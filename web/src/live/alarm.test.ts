import { describe, expect, it } from 'vitest';
import type { Alert } from '../api/types';
import { Alarm, type AlarmWishes, PAUSE_MS } from './alarm';
import { byUrgency, newsOf } from './alerts';
import { alert, at } from './samples';

function setUp(wishes: AlarmWishes) {
  const world = { now: 0, beeps: 0, notes: [] as string[][] };
  const alarm = new Alarm({
    now: () => world.now,
    beep: () => {
      world.beeps += 1;
    },
    notify: (alerts) => world.notes.push(alerts.map(({ id }) => id)),
  });
  alarm.wish(wishes);
  return { alarm, world };
}

const all = (): boolean => true;

describe('the alarm', () => {
  it('is silent unless somebody asked for it', () => {
    const { alarm, world } = setUp({ sound: false, notify: false });
    alarm.tell([alert('a')]);
    alarm.tick(all);
    expect(world).toMatchObject({ beeps: 0, notes: [] });
  });

  it('sounds once for many, and not again for five seconds', () => {
    const { alarm, world } = setUp({ sound: true, notify: true });
    alarm.tell([alert('a'), alert('b')]);
    alarm.tell([alert('c')]);
    world.now = PAUSE_MS - 1;
    alarm.tick(all);
    expect(world).toMatchObject({ beeps: 1, notes: [['a', 'b']] });
    world.now = PAUSE_MS;
    alarm.tick(all);
    expect(world).toMatchObject({ beeps: 2, notes: [['a', 'b'], ['c']] });
    world.now = 10 * PAUSE_MS;
    alarm.tick(all);
    expect(world.beeps).toBe(2);
  });

  it('does not tell of what was over before it could', () => {
    const { alarm, world } = setUp({ sound: true, notify: false });
    alarm.tell([alert('a')]);
    alarm.tell([alert('b')]);
    world.now = PAUSE_MS;
    alarm.tick((kept) => kept.id !== 'b');
    expect(world.beeps).toBe(1);
  });
});

describe('alerts', () => {
  const map = (...alerts: Alert[]) => new Map(alerts.map((one) => [one.id, one]));

  it('are news when they were not there before, and are worth it', () => {
    const before = map(alert('a'));
    const after = map(
      alert('a'),
      alert('b'),
      alert('over', { ended_at: at(5) }),
      alert('seen', { acknowledged_at: at(5), acknowledged_by: 'zoe' }),
    );
    expect(newsOf(before, after).map(({ id }) => id)).toEqual(['b']);
  });

  it('are none when the page has just opened', () => {
    expect(newsOf(null, map(alert('a')))).toEqual([]);
  });

  it('stand in the order in which they want to be seen to', () => {
    const sorted = byUrgency([
      alert('seen', { acknowledged_at: at(9), raised_at: at(8) }),
      alert('old', { raised_at: at(1) }),
      alert('over', { ended_at: at(9), raised_at: at(7) }),
      alert('new', { raised_at: at(5) }),
    ]);
    expect(sorted.map(({ id }) => id)).toEqual(['new', 'old', 'over', 'seen']);
  });
});
