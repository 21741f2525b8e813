import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { Minute } from './caller';
import { useFrozenAt, useLiveStore, useTruth } from './context';

/**
 * Calls `tick` with the PBX's time: at once and every second, or only once for a frozen PBX.
 * For writing into the DOM directly; no render happens.
 */
export function usePbxTick(pbx: string, tick: (now: number) => void): void {
  const { ticker } = useLiveStore();
  const frozen = useFrozenAt(pbx);
  const offset = useTruth().offsets.get(pbx) ?? 0;
  const latest = useRef(tick);
  useLayoutEffect(() => {
    latest.current = tick;
    // What the tick writes may depend on what was just rendered.
    const now = frozen ?? ticker.now();
    if (now !== null) tick(now - offset);
  });
  useLayoutEffect(() => {
    if (frozen !== null) return;
    return ticker.subscribe((now) => latest.current(now - offset));
  }, [ticker, frozen, offset]);
}

/** Further off than this, a bar is put right: the machine slept, or a clock was set. */
const DRIFT_MS = 750;

/**
 * Runs a bar by the Web Animations API: the compositor moves it, no script runs meanwhile.
 * `drain` empties it over the minute; `fill` fills it again, as long as the minute was, past it.
 */
export function useBar(
  bar: RefObject<HTMLElement | null>,
  pbx: string,
  { startMs, dueMs }: Minute,
  direction: 'drain' | 'fill',
): void {
  const { ticker } = useLiveStore();
  const frozen = useFrozenAt(pbx);
  const offset = useTruth().offsets.get(pbx) ?? 0;
  useEffect(() => {
    const element = bar.current;
    if (element === null || dueMs === null || typeof element.animate !== 'function') return;
    const length = Math.max(1, dueMs - startMs);
    const from = direction === 'drain' ? startMs : dueMs;
    // Shifted, not stretched: the hatching keeps its shape.
    const shift = direction === 'drain' ? ['0%', '-100%'] : ['-100%', '0%'];
    const animation = element.animate(
      shift.map((x) => ({ transform: `translateX(${x})` })),
      { duration: length, fill: 'both', easing: stepsFor(length) },
    );
    const follow = (now: number) => {
      const wanted = Math.max(0, now - offset - from);
      const shown = Number(animation.currentTime ?? 0);
      if (Math.abs(Math.min(wanted, length) - Math.min(shown, length)) > DRIFT_MS) {
        animation.currentTime = wanted;
      }
    };
    const now = frozen ?? ticker.now() ?? startMs + offset;
    animation.currentTime = Math.max(0, now - offset - from);
    if (frozen !== null) {
      animation.pause();
      return () => animation.cancel();
    }
    const unsubscribe = ticker.subscribe(follow);
    return () => {
      unsubscribe();
      animation.cancel();
    };
  }, [bar, ticker, frozen, offset, startMs, dueMs, direction]);
}

/** Who asked for less motion gets one small step a second. */
function stepsFor(length: number): string {
  const reduced = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  return reduced ? `steps(${Math.max(1, Math.round(length / 1000))})` : 'linear';
}
