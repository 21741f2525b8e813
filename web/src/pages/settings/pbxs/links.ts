import { useMemo, useSyncExternalStore } from 'react';
import type { LivePbx } from '../../../api/types';
import { useLiveStore } from '../../../live/context';

/** The link with each PBX, as the live board has it; renders when one changes. */
export function useLinks(): ReadonlyMap<string, LivePbx> {
  const store = useLiveStore();
  const text = useSyncExternalStore(store.subscribe, () =>
    JSON.stringify([...(store.getView().state?.pbxs.values() ?? [])].map(withoutOffset)),
  );
  return useMemo(
    () => new Map((JSON.parse(text) as LivePbx[]).map((link) => [link.name, link])),
    [text],
  );
}

/** The measured offset trembles all the time. */
const withoutOffset = (link: LivePbx): LivePbx => ({ ...link, clock_offset_s: 0 });

/** Whether somebody should look at it. */
export const needsCare = (link: LivePbx): boolean =>
  link.state === 'refused' || link.state === 'lost' || Object.keys(link.warnings).length > 0;
