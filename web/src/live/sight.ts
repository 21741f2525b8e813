/**
 * What is out of sight need not move: its times and bars stand still until it is scrolled to.
 *
 * It stays in the document all the same, for searching, for the keyboard, for screen readers.
 */
import { createContext, type RefObject, useEffect, useState } from 'react';

export class Sight {
  #seen = true;
  readonly #wakers = new Set<() => void>();

  get seen(): boolean {
    return this.#seen;
  }

  set(seen: boolean): void {
    const woken = seen && !this.#seen;
    this.#seen = seen;
    if (woken) for (const wake of this.#wakers) wake();
  }

  /** Calls `wake` whenever it comes into sight. */
  subscribe(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => this.#wakers.delete(wake);
  }
}

/** Always seen, where nobody looks. */
export const SightContext = createContext<Sight>(new Sight());

/** So far beyond the screen's edge things already move. */
const MARGIN = '300px';

/** Follows whether an element is on the screen, or nearly. */
export function useSight(element: RefObject<HTMLElement | null>): Sight {
  const [sight] = useState(() => new Sight());
  useEffect(() => {
    const target = element.current;
    if (target === null || !('IntersectionObserver' in window)) return;
    const observer = new IntersectionObserver(
      (entries) => sight.set(entries.at(-1)?.isIntersecting ?? true),
      { rootMargin: MARGIN },
    );
    observer.observe(target);
    return () => observer.disconnect();
  }, [element, sight]);
  return sight;
}
