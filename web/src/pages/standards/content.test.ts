import { describe, expect, it } from 'vitest';
import { addressOf, BEYOND, commandOf, MEANS, SHOW, STANDARDS, sourceOf, wordsIn } from './content';

const sorted = (names: Iterable<string>): string[] => [...names].sort();
type Texts = Readonly<Record<string, { readonly rows: object }>>;

describe.each(['en', 'fr'])('the standards page in %s', (language) => {
  const words = wordsIn(language);

  it('has words for all that the catalogue names, and for nothing else', () => {
    expect(sorted(Object.keys(words.show.items))).toEqual(sorted(SHOW.map(({ id }) => id)));
    expect(sorted(Object.keys(words.beyond.items))).toEqual(sorted(BEYOND));
    expect(sorted(Object.keys(words.means.items))).toEqual(sorted(MEANS.map(({ id }) => id)));
    expect(sorted(Object.keys(words.texts))).toEqual(sorted(STANDARDS.map(({ id }) => id)));
    const texts: Texts = words.texts;
    for (const { id, rows } of STANDARDS) {
      expect(sorted(Object.keys(texts[id]?.rows ?? {}))).toEqual(sorted(rows.map((row) => row.id)));
    }
  });

  it('names every page that it leads to', () => {
    const pages = new Set([...SHOW, ...MEANS].map(({ page }) => page));
    const own = [...pages].filter((page) => commandOf(page) === undefined);
    expect(sorted(Object.keys(words.pages))).toEqual(sorted(own));
    for (const page of own) expect(addressOf(page)).toMatch(/^\//);
  });
});

describe('the catalogue', () => {
  it('names only means that there are, and uses each', () => {
    const used = STANDARDS.flatMap(({ rows }) => rows.flatMap(({ means }) => means));
    expect(sorted(new Set(used))).toEqual(sorted(MEANS.map(({ id }) => id)));
  });

  it('says of every row where it was read, or that it was handed on', () => {
    for (const { id, rows, sources } of STANDARDS) {
      for (const source of sources) expect(sourceOf(source).url).toMatch(/^https?:\/\//);
      for (const row of rows) {
        const handed = row.quote !== undefined || row.handed === true;
        const read = row.source !== undefined && sources.includes(row.source);
        expect([id, row.id, handed !== read]).toEqual([id, row.id, true]);
      }
    }
  });
});
