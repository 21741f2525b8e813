import { useQuery } from '@tanstack/react-query';
import { overflowRules, rulesKey } from '../api/live-actions';
import type { RuleOut } from '../api/types';

/** A rule's name for people; its id where nobody gave it one. */
export const nameOf = ({ id, name }: Pick<RuleOut, 'id' | 'name'>): string => name || id;

/** The names of rules by their ids. `wanted`: whether any is to be shown; else nothing is read. */
export function useRuleName(wanted: boolean): (id: string) => string {
  const { data } = useQuery({
    queryKey: rulesKey,
    queryFn: overflowRules,
    staleTime: 60_000,
    retry: false,
    enabled: wanted,
  });
  return (id) => {
    const rule = data?.find((one) => one.id === id);
    return rule === undefined ? id : nameOf(rule);
  };
}
