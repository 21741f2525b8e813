/** What is shown lives in the address, so that it can be sent to somebody and kept. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { sessionQuery } from '../../api/session';
import type { Session } from '../../api/types';
import { type Change, useAddress } from '../../ui/use-address';
import { type Formula, isFormula } from './levels';
import type { Asked, WaitsOf } from './queries';
import {
  COMPARISONS,
  type Comparison,
  comparedRange,
  PRESETS,
  type Preset,
  presetRange,
  type Range,
  rangeBetween,
  STEPS,
  type Step,
  stepsFor,
  usualStep,
} from './range';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const USUAL: Preset = '7d';

/** Who is signed in, with the centre's zone: the page is not shown before that is known. */
export function useSession(): Session | null {
  return useQuery(sessionQuery(useQueryClient())).data ?? null;
}

export function zoneOf(session: Session | null): string {
  return session?.zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export interface Shown {
  readonly asked: Asked;
  readonly other: Asked | null;
  /** Null: a range from one date to another. */
  readonly preset: Preset | null;
  readonly comparison: Comparison;
  readonly step: Step;
  readonly steps: readonly Step[];
  /** Null: the queue's own. */
  readonly formula: Formula | null;
  readonly of: WaitsOf;
  readonly zone: string;
  readonly range: Range;
}

const known = <T extends string>(names: readonly T[], name: string | null): T | null =>
  names.find((one) => one === name) ?? null;

const isDate = (text: string | null): text is string =>
  text !== null && DATE.test(text) && !Number.isNaN(Date.parse(text));

export function useHistory(zone: string, now: number): [Shown, (change: Change) => void] {
  const [params, change] = useAddress();
  const shown = useMemo((): Shown => {
    const [first, last] = [params.get('from'), params.get('to')];
    const dates = isDate(first) && isDate(last);
    const preset = dates ? null : (known(PRESETS, params.get('range')) ?? USUAL);
    const range =
      preset === null && dates
        ? rangeBetween(first, last, zone)
        : presetRange(preset ?? USUAL, now, zone);
    const asked = { range, pbx: params.get('pbx'), queue: params.get('queue') };
    const comparison = known(COMPARISONS, params.get('compare')) ?? 'none';
    const other = comparedRange(range, comparison, now, zone);
    const steps = stepsFor(range);
    const step = known(STEPS, params.get('step'));
    const formula = params.get('formula');
    return {
      asked,
      other: other === null ? null : { ...asked, range: other },
      preset,
      comparison,
      steps,
      step: step !== null && steps.includes(step) ? step : usualStep(range),
      formula: isFormula(formula) ? formula : null,
      of: params.get('waits') === 'visit' ? 'visit' : 'call',
      zone,
      range,
    };
  }, [params, zone, now]);

  return [shown, change];
}
