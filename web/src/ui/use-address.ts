/** What is shown lives in the address, so that it can be sent to somebody and kept. */
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** Parameters of the address by name; null or an empty text takes one out. */
export type Change = Readonly<Record<string, string | null>>;

/** The address's parameters, and how to change some; going back does not step through changes. */
export function useAddress(): [URLSearchParams, (wanted: Change) => void] {
  const [params, setParams] = useSearchParams();
  const change = useCallback(
    (wanted: Change) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(wanted)) {
            if (value === null || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [params, change];
}
