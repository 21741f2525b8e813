import type { TFunction } from 'i18next';
import type { Ratio } from '../../api/types';

/** The field's usual one; the others can be chosen once settings exist. */
const SHOWN = 'abandoned_within_count_for';

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

export function serviceLevel(levels: readonly Ratio[]): NamedLevel | null {
  const level = levels.find(({ name }) => name === SHOWN) ?? levels[0];
  if (level === undefined) return null;
  const known = KNOWN.find((name) => name === level.name);
  return {
    ...level,
    text: (t) => (known === undefined ? level.formula : t(`formula.${known}`)),
  };
}
