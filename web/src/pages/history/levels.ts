/** The five service levels and the commitment's rate, as the server has worked them out. */
import type { QueueFigures, Ratio } from '../../api/types';
import type { Bounds, Figures, Period } from './queries';

export const FORMULAS = [
  'abandoned_within_count_for',
  'answered_only',
  'abandoned_count_against',
  'abandoned_within_left_out',
  'short_abandoned_count_for',
] as const;
export type Formula = (typeof FORMULAS)[number];

export const isFormula = (name: string | null): name is Formula =>
  FORMULAS.some((known) => known === name);

const NOTHING: Ratio = { name: '', formula: '', numerator: 0, denominator: 0, ratio: null };

export const levelOf = (figures: Figures, formula: Formula): Ratio =>
  figures.queues.service_levels.find(({ name }) => name === formula) ?? NOTHING;

export const boundsOf = (period: Period, formula: Formula): Bounds =>
  period.service_level_bounds[formula] ?? { low: null, high: null };

/** A range only where there is one: no unknown outcome, or nothing at all, is none. */
export function spread(bounds: Bounds): { readonly low: number; readonly high: number } | null {
  const { low, high } = bounds;
  return low === null || high === null || low === high ? null : { low, high };
}

/** A formula with the numbers in it, as it is written: `(6,020 + 1,098) / (6,902 + 1,279)`. */
export function workedOut(
  formula: Formula,
  queues: QueueFigures,
  number: (value: number) => string,
): string {
  const { above, below } = partsOf(formula, queues, number);
  return `${bracketed(above)} / ${bracketed(below)}`;
}

const bracketed = (sum: string): string => (sum.includes(' + ') ? `(${sum})` : sum);

function partsOf(
  formula: Formula,
  queues: QueueFigures,
  number: (value: number) => string,
): { readonly above: string; readonly below: string } {
  const answered = number(queues.answered);
  const within = number(queues.answered_within);
  const all = `${answered} + ${number(queues.abandoned)}`;
  switch (formula) {
    case 'abandoned_within_count_for':
      return { above: `${within} + ${number(queues.abandoned_within)}`, below: all };
    case 'answered_only':
      return { above: within, below: answered };
    case 'abandoned_count_against':
      return { above: within, below: all };
    case 'abandoned_within_left_out':
      return {
        above: within,
        below: `${answered} + ${number(queues.abandoned - queues.abandoned_within)}`,
      };
    case 'short_abandoned_count_for':
      return { above: `${within} + ${number(queues.abandoned_short)}`, below: all };
  }
}
