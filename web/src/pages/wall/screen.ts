/** What a screen that runs for weeks needs of its browser. */
import { type RefObject, useEffect, useState } from 'react';
import { driftAt } from '../../live/wall';

const POINTER_MS = 3_000;
const DRIFT_MS = 60_000;

/** Keeps the screen lit, where the browser can; asked for again each time the page is seen. */
export function useWakeLock(): void {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let wanted = true;
    const ask = async () => {
      if (document.visibilityState !== 'visible' || (lock !== null && !lock.released)) return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (!wanted) await lock.release();
      } catch {
        // On battery, or not allowed here: then the machine's own settings decide.
      }
    };
    const again = () => void ask();
    again();
    document.addEventListener('visibilitychange', again);
    return () => {
      wanted = false;
      document.removeEventListener('visibilitychange', again);
      void lock?.release().catch(() => undefined);
    };
  }, []);
}

/** Moves all by some pixels once a minute, so that nothing burns in; nobody sees it move. */
export function useDrift(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const move = () => {
      const { x, y } = driftAt(Date.now());
      if (element.current !== null) element.current.style.transform = `translate(${x}px, ${y}px)`;
    };
    move();
    const timer = window.setInterval(move, DRIFT_MS);
    return () => window.clearInterval(timer);
  }, [element]);
}

/** True while nobody moves the pointer or uses the keyboard. */
export function useIdlePointer(): boolean {
  const [idle, setIdle] = useState(true);
  useEffect(() => {
    let timer = 0;
    const wake = () => {
      setIdle(false);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => setIdle(true), POINTER_MS);
    };
    const events = ['pointermove', 'pointerdown', 'keydown'] as const;
    for (const event of events) window.addEventListener(event, wake);
    return () => {
      window.clearTimeout(timer);
      for (const event of events) window.removeEventListener(event, wake);
    };
  }, []);
  return idle;
}

/** Turns full screen on or off; null where the browser cannot. */
export function useFullScreen(): (() => void) | null {
  if (!document.fullscreenEnabled) return null;
  return () => {
    const turned =
      document.fullscreenElement === null
        ? document.documentElement.requestFullscreen()
        : document.exitFullscreen();
    void turned.catch(() => undefined);
  };
}
