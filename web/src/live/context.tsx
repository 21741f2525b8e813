/** The live stream for all pages: one connection for as long as somebody is signed in. */
import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { recentCalls, sessionKey } from '../api/queries';
import { offsetsOf } from './clock';
import { type Freeze, freezeOf, frozenAt } from './freeze';
import { LiveStore, type LiveView } from './store';

const StoreContext = createContext<LiveStore | null>(null);
const TruthContext = createContext<Truth>({
  freeze: { all: null, pbxs: new Map() },
  offsets: new Map(),
});

/** Which clocks run, and how far each PBX's clock is from the monitor's. */
interface Truth {
  readonly freeze: Freeze;
  /** By PBX: the monitor's clock minus the PBX's, in milliseconds. */
  readonly offsets: ReadonlyMap<string, number>;
}

function streamUrl(): string {
  const url = new URL('/api/v1/live/stream', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const [store] = useState(
    () =>
      new LiveStore({
        deps: {
          open: () => new WebSocket(streamUrl()),
          setTimer: (run, ms) => window.setTimeout(run, ms),
          clearTimer: (id) => window.clearTimeout(id),
          random: Math.random,
          now: () => performance.now(),
        },
        onRejected: () => void queryClient.invalidateQueries({ queryKey: sessionKey }),
      }),
  );

  useEffect(() => {
    store.start();
    const hurry = () => {
      if (document.visibilityState === 'visible') store.hurry();
    };
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', hurry);
    return () => {
      window.removeEventListener('online', hurry);
      document.removeEventListener('visibilitychange', hurry);
      store.stop();
    };
  }, [store]);

  return (
    <StoreContext value={store}>
      <TruthProvider store={store}>{children}</TruthProvider>
      <EndedSeed store={store} />
    </StoreContext>
  );
}

/** Recomputed when the phase or a link changes, not with each delta. */
function TruthProvider({ store, children }: { store: LiveStore; children: ReactNode }) {
  const phase = useSyncExternalStore(store.subscribe, () => store.getView().phase);
  const pbxs = useSyncExternalStore(store.subscribe, () => store.getView().state?.pbxs);
  const offsets = useRef<ReadonlyMap<string, number>>(new Map());
  const truth = useMemo<Truth>(() => {
    offsets.current = offsetsOf(offsets.current, pbxs?.values() ?? []);
    return { freeze: freezeOf(phase, pbxs?.values() ?? []), offsets: offsets.current };
  }, [phase, pbxs]);
  return <TruthContext value={truth}>{children}</TruthContext>;
}

/** The strip of ended calls is not part of a snapshot: it starts from the record. */
function EndedSeed({ store }: { store: LiveStore }) {
  const hasState = useSyncExternalStore(store.subscribe, () => store.getView().state !== null);
  useEffect(() => {
    if (!hasState) return;
    let wanted = true;
    // Without it the strip is only empty until the next call ends.
    recentCalls().then(
      (calls) => wanted && store.seedEnded(calls),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [hasState, store]);
  return null;
}

export function useLiveStore(): LiveStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('useLiveStore needs a LiveProvider above it');
  return store;
}

export function useLive(): LiveView {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, store.getView);
}

export function useTruth(): Truth {
  return useContext(TruthContext);
}

/** As of when a PBX's figures stand (the monitor's clock); null while they are live. */
export function useFrozenAt(pbx: string): number | null {
  return frozenAt(useContext(TruthContext).freeze, pbx);
}
