/**
 * What the page says: links and order from the catalogue, words in the language that is shown.
 *
 * docs/standards.md is written from the same files (`make standards`). They are not part of the
 * texts that every page loads: this page alone needs them.
 */
import { useTranslation } from 'react-i18next';
import english from '../../i18n/en/standards.json';
import french from '../../i18n/fr/standards.json';
import catalogue from './catalogue.json';

export type Words = typeof english.standards;

/** Something that Minuteur measures or records. */
export interface Means {
  readonly id: string;
  readonly kind: string;
  readonly page: string;
}

/** One subject of a standard; `quote` is French, `handed`: not read at its source. */
export interface Row {
  readonly id: string;
  readonly means: readonly string[];
  readonly quote?: string;
  readonly handed?: boolean;
  readonly source?: string;
}

export interface Standard {
  readonly id: string;
  readonly sources: readonly string[];
  readonly rows: readonly Row[];
}

export interface Source {
  readonly title: string;
  readonly url: string;
  readonly language: string;
}

export const MEANS: readonly Means[] = catalogue.means;
export const STANDARDS: readonly Standard[] = catalogue.standards;
export const SHOW: readonly { readonly id: string; readonly page: string }[] = catalogue.show;
export const BEYOND: readonly string[] = catalogue.beyond;
export const READ_ON = catalogue.readOn;
const SOURCES: Readonly<Record<string, Source>> = catalogue.sources;
const PAGES: Readonly<Record<string, string>> = catalogue.pages;
const COMMANDS: Readonly<Record<string, string>> = catalogue.commands;

/** What stands under a name; a test sees to it that the catalogue names nothing else. */
export function named<T>(names: Readonly<Record<string, T>>, id: string): T {
  const found = names[id];
  if (found === undefined) throw new Error(`the standards page knows no ${id}`);
  return found;
}

export const sourceOf = (id: string): Source => named(SOURCES, id);

/** Where something is seen: on a page of the control room, or by a command on the server. */
export const commandOf = (where: string): string | undefined => COMMANDS[where];
export const addressOf = (where: string): string => named(PAGES, where);

export const isHanded = (row: Row): boolean => row.handed === true || row.quote !== undefined;

export const wordsIn = (language: string): Words =>
  (language === 'fr' ? french : english).standards;

export function useWords(): { readonly words: Words; readonly language: string } {
  const language = useTranslation().i18n.resolvedLanguage ?? 'en';
  return { words: wordsIn(language), language };
}
