import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en';
import enLater from './en/later';
import enStandards from './en/standards.json';
import fr from './fr';
import frLater from './fr/later';
import frStandards from './fr/standards.json';

type Texts = { readonly [key: string]: string | Texts };

function flatten(texts: Texts, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) found.set(inner, text);
  }
  return found;
}

const shared = flatten({ ...en, ...enLater });
// The standards page brings its own texts along; the others are with every page.
const english = flatten({ ...en, ...enLater, ...enStandards });
const french = flatten({ ...fr, ...frLater, ...frStandards });
const placeholders = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    expect([...french.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('have the same placeholders', () => {
    for (const [key, text] of english) {
      expect([key, placeholders(french.get(key) ?? '')]).toEqual([key, placeholders(text)]);
    }
  });

  it('are not empty', () => {
    for (const [key, text] of [...english, ...french]) expect(text.trim(), key).not.toBe('');
  });

  it('tell repeat calls from callbacks in French', () => {
    const repeats = [...french].filter(([key]) => /\.repeats(\.name)?$/.test(key));
    expect(repeats.length).toBeGreaterThan(1);
    for (const [key, text] of repeats) expect(text, key).not.toMatch(/rappel/i);
    expect(french.get('indicators.name.repeats')).toBe('Appels réitérés');
  });

  it('keep French punctuation with its word, by narrow no-break spaces', () => {
    for (const [key, text] of french) {
      const words = text.replace(/'[^']*'/g, 'x');
      expect(words, key).not.toMatch(/[^\u202f][:;?!»](\s|$)/);
      expect(words, key).not.toMatch(/«[^\u202f]/);
      expect(words, key).not.toMatch(/\u202f\u202f| \u202f/);
      expect(words, key).not.toMatch(/\w'\w/);
    }
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [path] : [];
  });
}

describe('the code', () => {
  const code = sources(join(import.meta.dirname, '..'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const plain = new Set([...shared.keys()].map((key) => key.replace(/_(one|other)$/, '')));

  it('uses only keys that exist', () => {
    const used = [...code.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((match) => match[1] ?? '');
    expect(used.length).toBeGreaterThan(80);
    for (const key of used) expect(plain, key).toContain(key);
  });

  it('uses only families that exist, and every key', () => {
    const families = [...code.matchAll(/`([a-zA-Z.]+)\.\$\{/g)].map((match) => match[1] ?? '');
    const quoted = new Set([...code.matchAll(/'([\w.-]+)'/g)].map((match) => match[1] ?? ''));
    for (const key of plain) {
      const used = quoted.has(key) || families.some((family) => key.startsWith(`${family}.`));
      expect(used, `${key} is used`).toBe(true);
    }
  });
});
