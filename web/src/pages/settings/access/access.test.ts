import { describe, expect, it } from 'vitest';
import { randomPassword } from './NewPasswordField';
import { refOf, refText } from './queue-refs';

describe('a queue that an account sees', () => {
  it('is the same after it was chosen as text', () => {
    for (const ref of [
      { pbx: '', queue: 'support' },
      { pbx: 'lab', queue: 'support' },
      { pbx: '', queue: 'a/b' },
    ]) {
      expect(refOf(refText(ref))).toEqual(ref);
    }
  });
});

describe('a suggested password', () => {
  it('is long, easily read out, and never the same', () => {
    const made = Array.from({ length: 50 }, randomPassword);
    for (const password of made)
      expect(password).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
    expect(new Set(made).size).toBe(made.length);
  });
});
