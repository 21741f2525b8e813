import {
  type RefObject,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { LiveQueue } from '../api/types';
import type { Minute } from './caller';
import { useFrozenAt, useLiveStore, useTruth } from './context';
import { type Sight, SightContext } from './sight';
import type { Tick, Ticker } from './ticker';

/**
 * Calls `tick` with the PBX's time: at once and every second, or only once for a frozen PBX.
 * For writing into the DOM directly; no render happens.
 */
export function usePbxTick(pbx: string, tick: (now: number) => void): void {
  const { ticker } = useLiveStore();
  const frozen = useFrozenAt(pbx);
  const offset = useTruth().offsets.get(pbx) ?? 0;
  const latest = useRef(tick);
  const sight = useContext(SightContext);
  useLayoutEffect(() => {
    latest.current = tick;
    // What the tick writes may depend on what was just rendered.
    const now = frozen ?? ticker.now();
    if (now !== null) tick(now - offset);
  });
  useLayoutEffect(() => {
    if (frozen !== null) return;
    return whileSeen(sight, ticker, (now) => latest.current(now - offset));
  }, [ticker, frozen, offset, sight]);
}

/** Subscribes to a ticker, but for the time out of sight; what comes into sight is drawn at once. */
function whileSeen(sight: Sight, ticker: Ticker, tick: Tick): () => void {
  const stop = ticker.subscribe((now) => {
    if (sight.seen) tick(now);
  });
  const stopWaking = sight.subscribe(() => {
    const now = ticker.now();
    if (now !== null) tick(now);
  });
  return () => {
    stop();
    stopWaking();
  };
}

/** Changes a text where it differs; its node stays, which spares the browser most of the work. */
export function writeText(element: HTMLElement | null, text: string): void {
  if (element === null) return;
  const node = element.firstChild;
  if (node instanceof Text) {
    if (node.data !== text) node.data = text;
  } else element.textContent = text;
}

/**
 * Runs a bar: `drain` empties it over the minute, `fill` fills it again, as long as the minute
 * was, past it.
 *
 * Moved in steps of about a pixel by one shared timer. Three hundred animations of the browser's
 * own would be smoother by nothing that can be seen, and keep it painting without pause, all day.
 */
export function useBar(
  bar: RefObject<HTMLElement | null>,
  pbx: string,
  { startMs, dueMs }: Minute,
  direction: 'drain' | 'fill',
): void {
  const { ticker, fineTicker } = useLiveStore();
  const frozen = useFrozenAt(pbx);
  const offset = useTruth().offsets.get(pbx) ?? 0;
  const sight = useContext(SightContext);
  useLayoutEffect(() => {
    const element = bar.current;
    if (element === null || dueMs === null) return;
    const length = Math.max(1, dueMs - startMs);
    let drawn = '';
    const draw = (now: number) => {
      const since = now - offset - (direction === 'drain' ? startMs : dueMs);
      const part = Math.min(1, Math.max(0, since / length));
      // Shifted, not stretched: the hatching keeps its shape.
      const shift = direction === 'drain' ? -part : part - 1;
      const place = `translateX(${(shift * 100).toFixed(2)}%)`;
      if (place !== drawn) element.style.transform = place;
      drawn = place;
    };
    if (frozen !== null) {
      draw(frozen);
      return;
    }
    return whileSeen(sight, prefersLessMotion() ? ticker : fineTicker, draw);
  }, [bar, ticker, fineTicker, frozen, offset, startMs, dueMs, direction, sight]);
}

/** Then one step a second, with the text. */
const prefersLessMotion = (): boolean =>
  window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** A value that changes no oftener than once in `ms`: for what nobody could read any faster. */
export function useCalm<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const wait = changedAt.current + ms - performance.now();
    const timer = window.setTimeout(
      () => {
        changedAt.current = performance.now();
        setShown(value);
      },
      Math.max(0, wait),
    );
    return () => window.clearTimeout(timer);
  }, [value, ms]);
  return shown;
}

/** The number of a live call's caller; renders only when it changes. */
export function useCaller(callId: string): string {
  const store = useLiveStore();
  return useSyncExternalStore(
    store.subscribe,
    () => store.getView().state?.calls.get(callId)?.caller ?? '',
  );
}

export type QueueNames = ReadonlyMap<string, Pick<LiveQueue, 'pbx' | 'name' | 'label'>>;

/** What the queues are called: the same map until a name changes, though figures change always. */
export function useQueueNames(queues: ReadonlyMap<string, LiveQueue>): QueueNames {
  const text = [...queues].map(([key, { label }]) => `${key}\n${label}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text says all that is taken
  return useMemo(
    () =>
      new Map(
        [...queues].map(([key, { pbx, name, label }]) => [key, { pbx, name, label }] as const),
      ),
    [text],
  );
}
