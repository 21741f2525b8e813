/** How many things in each section need somebody. */

import { useSettings } from './parts/use-settings';
import { needsCare, useLinks } from './pbxs/links';
import { undeclared, useSeenQueues } from './queues/seen';
import { useRules } from './rules/use-rules';
import type { SectionName } from './sections';

export type Attention = Partial<Record<SectionName, number>>;

const troubled = (items: readonly { readonly problem: string }[] | undefined): number =>
  items?.filter(({ problem }) => problem !== '').length ?? 0;

export function useAttention(): Attention {
  const rules = useRules().data;
  const settings = useSettings().data;
  const links = useLinks();
  const seen = useSeenQueues();
  if (settings === undefined) return { rules: troubled(rules) };
  const declared = settings.queue.map(({ body }) => body);
  const pbxs = settings.pbx.filter(({ id, problem }) => {
    const link = links.get(id);
    return problem !== '' || (link !== undefined && needsCare(link));
  });
  return {
    pbxs: pbxs.length,
    queues: troubled(settings.queue) + undeclared(seen, declared).length,
    commitment: troubled([settings.commitment]),
    centre: troubled([settings.centre]),
    'voice-servers': troubled(settings.voice_server),
    hours: troubled(settings.calendar),
    rules: troubled(rules),
  };
}
