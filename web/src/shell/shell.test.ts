import { describe, expect, it } from 'vitest';
import { badgeIcon } from './badge';
import { deviceToken, withoutToken } from './device';
import { scriptOf } from './new-version';
import { type Pressed, ShortcutReader } from './shortcuts';

const key = (text: string, more: Partial<Pressed> = {}): Pressed => ({
  key: text,
  modified: false,
  typing: false,
  at: 0,
  ...more,
});

describe('keys', () => {
  it('go somewhere in pairs', () => {
    const reader = new ShortcutReader();
    expect(reader.read(key('g'))).toBeNull();
    expect(reader.read(key('c', { at: 500 }))).toEqual({ kind: 'go', to: 'calls' });
    expect(reader.read(key('c', { at: 600 }))).toBeNull();
  });

  it('forget the first of a pair after a while, or after another key', () => {
    const reader = new ShortcutReader();
    reader.read(key('g'));
    expect(reader.read(key('l', { at: 5_000 }))).toBeNull();
    reader.read(key('g', { at: 6_000 }));
    reader.read(key('x', { at: 6_100 }));
    expect(reader.read(key('l', { at: 6_200 }))).toBeNull();
  });

  it('mean nothing while somebody types, or with Ctrl', () => {
    const reader = new ShortcutReader();
    expect(reader.read(key('/', { typing: true }))).toBeNull();
    expect(reader.read(key('?', { modified: true }))).toBeNull();
    expect(reader.read(key('/'))).toEqual({ kind: 'search' });
    expect(reader.read(key('?'))).toEqual({ kind: 'help' });
  });
});

describe('the key of a wall screen', () => {
  it('is read from the address, and taken out of it', () => {
    expect(deviceToken('#device=mnd_a%2Bb')).toBe('mnd_a+b');
    expect(deviceToken('')).toBeNull();
    expect(deviceToken('#device=')).toBeNull();
    expect(withoutToken('http://m.test/wall?every=5#device=mnd_x')).toBe(
      'http://m.test/wall?every=5',
    );
  });
});

describe('the build', () => {
  it('is told by the address of the page’s script', () => {
    const html =
      '<script src="/theme.js"></script><script type="module" crossorigin src="/assets/index-a1.js">';
    expect(scriptOf(html)).toBe('/assets/index-a1.js');
    expect(scriptOf('<p>502 Bad Gateway')).toBeNull();
  });
});

describe('the badge', () => {
  it('is there only when there is something to say', () => {
    expect(badgeIcon(0)).toBeNull();
    expect(decodeURIComponent(badgeIcon(3) ?? '')).toContain('>3<');
    expect(decodeURIComponent(badgeIcon(1000) ?? '')).toContain('>99+<');
    expect(decodeURIComponent(badgeIcon(null) ?? '')).toContain('>?<');
  });
});
