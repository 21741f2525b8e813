import { useMemo, useSyncExternalStore } from 'react';
import { useLiveStore } from '../../../live/context';

/** Names that forms offer: what the PBXs and the settings know already. */
export interface Known {
  readonly pbxs: readonly string[];
  readonly voiceServers: readonly string[];
  readonly contexts: readonly string[];
  /** Interface → name. */
  readonly members: ReadonlyMap<string, string>;
}

const BREAK = '\n';

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
  return useMemo(
    () => ({
      pbxs: pbxs === '' ? [] : pbxs.split(BREAK),
      voiceServers: [],
      contexts: [],
      members: new Map(
        (members === '' ? [] : members.split(BREAK)).map((line) => {
          const [name = '', label = ''] = line.split('\t');
          return [name, label];
        }),
      ),
    }),
    [pbxs, members],
  );
}
