import type { TFunction } from 'i18next';
import type { Ratio } from '../../api/types';

/** Where nothing says which: the field's usual one. */
const USUAL = 'abandoned_within_count_for';

const KNOWN = [
  'abandoned_within_count_for',
  'answered_only',
  'abandoned_count_against',
  'abandoned_within_left_out',
  'short_abandoned_count_for',
] as const;

export interface NamedLevel extends Ratio {
  /** The formula's name in words; its own notation where the name is not known here. */
  text(t: TFunction): string;
}

/** The level by the formula that is wanted; null where none is told. */
export function serviceLevel(levels: readonly Ratio[], wanted = USUAL): NamedLevel | null {
  const level = levels.find(({ name }) => name === wanted) ?? levels[0];
  if (level === undefined) return null;
  const known = KNOWN.find((name) => name === level.name);
  return {
    ...level,
    text: (t) => (known === undefined ? level.formula : t(`formula.${known}`)),
  };
}
