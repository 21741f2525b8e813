/** How many things in each section need somebody, and what there is to know that needs nobody. */

import { useSettings } from './parts/use-settings';
import { needsCare, useLinks } from './pbxs/links';
import { undeclared, useSeenQueues } from './queues/seen';
import { useRules } from './rules/use-rules';
import type { SectionName } from './sections';

export type Attention = Partial<Record<SectionName, number>>;

const troubled = (items: readonly { readonly problem: string }[] | undefined): number =>
  items?.filter(({ problem }) => problem !== '').length ?? 0;

/** Queues that nobody declared. They are watched all the same, so nothing is wrong. */
export function useUndeclared(): number {
  const settings = useSettings().data;
  const seen = useSeenQueues();
  if (settings === undefined) return 0;
  return undeclared(
    seen,
    settings.queue.map(({ body }) => body),
  ).length;
}

export function useAttention(): Attention {
  const rules = useRules().data;
  const settings = useSettings().data;
  const links = useLinks();
  if (settings === undefined) return { rules: troubled(rules) };
  const pbxs = settings.pbx.filter(({ id, problem }) => {
    const link = links.get(id);
    return problem !== '' || (link !== undefined && needsCare(link));
  });
  return {
    pbxs: pbxs.length,
    queues: troubled(settings.queue),
    commitment: troubled([settings.commitment]),
    centre: troubled([settings.centre]),
    'voice-servers': troubled(settings.voice_server),
    hours: troubled(settings.calendar),
    teams: troubled([...settings.team, settings.figures]),
    'personal-data': troubled([settings.retention]),
    rules: troubled(rules),
  };
}
