import { expect, it } from 'vitest';
import { elapsed } from '../format/format';
import { World } from './fakes';
import { SECOND, Ticker } from './ticker';

/** Timers that come as late as the test says, one after the other. */
class LateWorld extends World {
  constructor(readonly delays: number[]) {
    super();
  }

  readonly lateDeps = {
    now: () => this.now,
    setTimer: (run: () => void, ms: number) =>
      this.deps.setTimer(run, ms + (this.delays.shift() ?? 0)),
    clearTimer: this.deps.clearTimer,
  };
}

it('counts each second once, however late or early its timers come', () => {
  const world = new LateWorld([12, 1, 300, 700, 0, 15, 2, 4]);
  const ticker = new Ticker(world.lateDeps, SECOND);
  const shown: string[] = [];
  const show = (now: number) => shown.push(elapsed(now - 7));
  // Since some milliseconds after a whole second: where the timers' lateness would decide.
  ticker.subscribe(show);
  ticker.start();
  world.pass(8_050);
  expect(shown).toEqual(['0:00', '0:00', '0:01', '0:02', '0:03', '0:04', '0:05', '0:06', '0:07']);
});

it('shows what is drawn between two ticks as of the last one', () => {
  const world = new LateWorld([0, 800]);
  const ticker = new Ticker(world.lateDeps, SECOND);
  const shown: number[] = [];
  ticker.start();
  world.pass(1_900);
  ticker.subscribe((now) => shown.push(now));
  world.pass(1_000);
  expect(shown).toEqual([1_000, 2_000]);
});
