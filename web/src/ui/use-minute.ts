import { useEffect, useState } from 'react';

const MINUTE = 60_000;

/** The moment, as often as figures of a range that runs are asked for anew. */
export function useMinute(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), MINUTE);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
