import { describe, expect, it } from 'vitest';
import { offsetsOf, ServerClock } from './clock';

describe('the server clock', () => {
  it('is unknown before the first message', () => {
    expect(new ServerClock().at(0)).toBeNull();
  });

  it('goes by the message that travelled fastest', () => {
    const clock = new ServerClock();
    clock.observe(1_000_000, 500 + 120);
    clock.observe(1_002_000, 2_500 + 15);
    clock.observe(1_004_000, 4_500 + 300);
    expect(clock.at(5_000)).toBe(1_004_500 - 15);
  });

  it('follows at once when a clock is set', () => {
    const clock = new ServerClock();
    clock.observe(9_000_000, 0);
    clock.observe(1_000_000, 2_000);
    expect(clock.at(2_000)).toBe(1_000_000);
  });

  it('follows a small step back once it is told to forget', () => {
    const clock = new ServerClock();
    clock.observe(1_000_000, 0);
    clock.reset();
    clock.observe(999_000, 1_000);
    expect(clock.at(1_000)).toBe(999_000);
  });

  it('does not fall back in a rush of late messages', () => {
    const clock = new ServerClock();
    clock.observe(1_000_000, 0);
    for (let late = 0; late < 200; late += 1) clock.observe(1_001_000, 1_400 + late);
    expect(clock.at(1_600)).toBe(1_001_600);
  });

  it('forgets old samples, so that it can follow a drifting clock back', () => {
    const clock = new ServerClock();
    clock.observe(1_000_900, 0);
    for (let second = 1; second <= 40; second += 1) {
      clock.observe(1_000_000 + second * 1_000, second * 1_000);
    }
    expect(clock.at(50_000)).toBe(1_050_000);
  });
});

it('a PBX’s clock is taken as before while its measured offset only trembles', () => {
  const measured = (clock_offset_s: number) => [{ name: 'lab', clock_offset_s }];
  const first = offsetsOf(new Map(), measured(0.024));
  const second = offsetsOf(first, measured(0.049));
  expect(second.get('lab')).toBe(24);
  expect(offsetsOf(second, measured(0.08)).get('lab')).toBe(80);
});
