import { describe, expect, it } from 'vitest';
import { elapsed, formatFor, span } from './format';

describe('spans', () => {
  it('are seconds below a minute', () => {
    expect(span(12_999)).toBe('12\u202fs');
    expect(span(12_001, true)).toBe('13\u202fs');
    expect(span(-5)).toBe('0\u202fs');
  });

  it('are clock time above', () => {
    expect(span(72_000)).toBe('1:12');
    expect(elapsed(3_725_000)).toBe('1:02:05');
    expect(elapsed(8_000)).toBe('0:08');
  });

  it('passed and left make the whole minute', () => {
    for (const ms of [0, 1, 999, 1_000, 31_500, 59_999]) {
      const passed = Number(elapsed(ms).split(':')[1]);
      const left = Math.ceil((60_000 - ms) / 1_000);
      expect(passed + left).toBe(60);
    }
  });
});

describe('percentages', () => {
  it('never round a broken promise up', () => {
    expect(formatFor('en').percent(0.99999)).toBe('99.9%');
    expect(formatFor('en').percent(1)).toBe('100.0%');
    expect(formatFor('en').percent(0.83)).toBe('83.0%');
  });

  it('are what the whole numbers are though floats are not', () => {
    for (let part = 1; part <= 300; part += 1) {
      const tenths = Math.floor((part * 1000) / 300);
      expect(formatFor('en').percent(part / 300)).toBe(
        `${(tenths - (tenths % 10)) / 10}.${tenths % 10}%`,
      );
    }
  });

  it('are never nothing where there is something', () => {
    expect(formatFor('en').percent(1 / 74_111)).toBe('<\u00a00.1%');
    expect(formatFor('fr').percent(1 / 74_111)).toMatch(/^<\u00a00,1\s%$/);
    expect([0, 0.001].map(formatFor('en').percent)).toEqual(['0.0%', '0.1%']);
  });

  it('are written the French way', () => {
    expect(formatFor('fr').percent(0.8302)).toMatch(/^83,0\s%$/);
  });
});

it('seconds of a record are exact', () => {
  expect(formatFor('en').seconds(74.2)).toBe('74.200\u202fs');
  expect(formatFor('fr').seconds(74.2)).toBe('74,200\u202fs');
});
