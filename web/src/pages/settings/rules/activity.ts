import { useQuery } from '@tanstack/react-query';
import { activityKey, ruleActivity } from '../queries';

export interface Today {
  readonly acted: number;
  readonly held: number;
}

const REFRESH_MS = 10_000;
const NOTHING: Today = { acted: 0, held: 0 };

/** How often a rule acted since midnight in the centre's zone; undefined while it is not known. */
export function useActivity(): (rule: string) => Today | undefined {
  const { data } = useQuery({
    queryKey: activityKey,
    queryFn: ruleActivity,
    refetchInterval: REFRESH_MS,
  });
  return (rule) => {
    const found = data?.find((one) => one.rule === rule);
    if (found !== undefined) return { acted: found.acted, held: found.held_back };
    return data === undefined ? undefined : NOTHING;
  };
}
