import { describe, expect, it } from 'vitest';
import { driftAt, nextSlide, readWall, slideId, slidesOf, writeWall } from './wall';

const read = (text: string) => readWall(new URLSearchParams(text));
const known = new Set(['lyon/support', 'lyon/sales']);
const ids = (text: string) => slidesOf(read(text), known).map(slideId);

describe('the wall', () => {
  it('is read from an address that somebody typed', () => {
    expect(read('views=agents,worst,agents,nonsense&every=30&lang=fr&theme=light')).toEqual({
      views: ['agents', 'worst'],
      everyS: 30,
      queues: [],
      language: 'fr',
      theme: 'light',
    });
  });

  it('has something to show whatever the address says', () => {
    for (const text of ['', 'views=&every=x&lang=de&theme=pink', 'views=queues', 'views=foo']) {
      expect(ids(text).length).toBeGreaterThan(0);
      expect(read(text).theme).toBe('dark');
      expect(read(text).everyS).toBeGreaterThan(0);
    }
    expect(read('every=0').everyS).toBe(3);
  });

  it('comes back from the address that it was written to, which can be read', () => {
    const path = writeWall(read('views=overview,queues&queues=lyon/support,lyon/sales&lang=fr'));
    expect(path).toBe(
      '/wall?views=overview,queues&every=15&queues=lyon/support,lyon/sales&lang=fr',
    );
    expect(writeWall(read(path.slice('/wall?'.length)))).toBe(path);
  });

  it('shows a picture for each chosen queue, and none for one that is gone', () => {
    expect(ids('views=overview,queues,agents&queues=lyon/sales,lyon/gone,lyon/support')).toEqual([
      'overview',
      'queue lyon/sales',
      'queue lyon/support',
      'agents',
    ]);
  });

  it('turns, and goes on turning when what it showed is gone', () => {
    const slides = slidesOf(read('views=overview,agents'), known);
    expect(slideId(nextSlide(slides, 'overview'))).toBe('agents');
    expect(slideId(nextSlide(slides, 'agents'))).toBe('overview');
    expect(slideId(nextSlide(slides, 'queue lyon/gone'))).toBe('overview');
  });

  it('drifts by some pixels, and comes back', () => {
    const places = Array.from({ length: 24 }, (_, minute) => driftAt(minute * 60_000));
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBeGreaterThan(12);
    for (const { x, y } of places) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(12);
    expect(driftAt(24 * 60_000)).toEqual(driftAt(0));
  });
});
