import { useEffect, useState } from 'react';

const SECOND = 1_000;

/** Counts down the seconds that somebody has to wait; 0 when the wait is over, or there is none. */
export function useWait(): [number, (seconds: number) => void] {
  const [until, setUntil] = useState(0);
  const [now, setNow] = useState(() => performance.now());
  const left = Math.max(0, Math.ceil((until - now) / SECOND));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setNow(performance.now()), SECOND);
    return () => clearTimeout(timer);
  }, [left]);
  const begin = (seconds: number) => {
    const at = performance.now();
    setNow(at);
    setUntil(at + seconds * SECOND);
  };
  return [left, begin];
}
