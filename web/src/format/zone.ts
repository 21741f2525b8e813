/** The centre's time zone, as the server said it with the session: what times are shown in. */
import { useSyncExternalStore } from 'react';

let zone = '';
const listeners = new Set<() => void>();

export const centreZone = (): string => zone;

export function setCentreZone(next: string): void {
  if (next === zone) return;
  zone = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useCentreZone = (): string => useSyncExternalStore(subscribe, centreZone);
