import { useQuery } from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
import { useLiveStore } from '../../../live/context';
import { discovered } from '../queries';
import { useSettings } from './use-settings';

/** Names that forms offer: what the PBXs and the settings know already. */
export interface Known {
  readonly pbxs: readonly string[];
  readonly voiceServers: readonly string[];
  readonly contexts: readonly string[];
  readonly stasisApps: readonly string[];
  /** Interface → name. */
  readonly members: ReadonlyMap<string, string>;
}

const BREAK = '\n';

/** What the PBXs showed of their dialplan. */
export const useDiscovered = () =>
  useQuery({ queryKey: ['settings', 'discovered'], queryFn: discovered, retry: false });

export function useKnown(): Known {
  const store = useLiveStore();
  const pbxs = useSyncExternalStore(store.subscribe, () =>
    [...(store.getView().state?.pbxs.keys() ?? [])].join(BREAK),
  );
  const members = useSyncExternalStore(store.subscribe, () =>
    [...(store.getView().state?.members.values() ?? [])]
      .map((one) => `${one.interface}\t${one.name}`)
      .sort()
      .join(BREAK),
  );
  const settings = useSettings().data;
  const seen = useDiscovered().data;
  return useMemo(
    () => ({
      pbxs: pbxs === '' ? [] : pbxs.split(BREAK),
      voiceServers: settings?.voice_server.map(({ id }) => id) ?? [],
      contexts: [...new Set(seen?.contexts.map(({ context }) => context))].sort(),
      stasisApps: [...new Set(seen?.stasis_apps.map(({ app }) => app))].sort(),
      members: new Map(
        (members === '' ? [] : members.split(BREAK)).map((line) => {
          const [name = '', label = ''] = line.split('\t');
          return [name, label];
        }),
      ),
    }),
    [pbxs, members, settings, seen],
  );
}
