/** How many things in each section need somebody. */
import { useQuery } from '@tanstack/react-query';
import { overflowRules, rulesKey } from './queries';
import type { SectionName } from './sections';

export type Attention = Partial<Record<SectionName, number>>;

export function useAttention(): Attention {
  const rules = useQuery({ queryKey: rulesKey, queryFn: overflowRules });
  return {
    rules: rules.data?.filter((rule) => rule.problem !== '').length ?? 0,
  };
}
