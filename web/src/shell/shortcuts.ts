/** Keys that work on every page: a pure reading of what was pressed. */

export type ShortcutTarget =
  | 'live'
  | 'calls'
  | 'history'
  | 'lost'
  | 'indicators'
  | 'reports'
  | 'evidence'
  | 'settings';

export const GO_KEYS: Readonly<Record<string, ShortcutTarget>> = {
  l: 'live',
  c: 'calls',
  h: 'history',
  p: 'lost',
  i: 'indicators',
  r: 'reports',
  e: 'evidence',
  s: 'settings',
};

export const GO_PATHS: Readonly<Record<ShortcutTarget, string>> = {
  live: '/',
  calls: '/calls',
  history: '/history',
  lost: '/lost-callers',
  indicators: '/indicators',
  reports: '/reports',
  evidence: '/evidence',
  settings: '/settings',
};

export type ShortcutAction =
  | { readonly kind: 'go'; readonly to: ShortcutTarget }
  | { readonly kind: 'search' | 'help' };

/** The second key of a pair has to follow this soon. */
export const PAIR_MS = 1_500;

export interface Pressed {
  readonly key: string;
  readonly modified: boolean;
  /** Into a field: then it is text. */
  readonly typing: boolean;
  readonly at: number;
}

export class ShortcutReader {
  #goAt = Number.NEGATIVE_INFINITY;

  /** What a key asks for; null: nothing yet, or nothing of ours. */
  read({ key, modified, typing, at }: Pressed): ShortcutAction | null {
    const second = at - this.#goAt <= PAIR_MS;
    this.#goAt = Number.NEGATIVE_INFINITY;
    if (modified || typing) return null;
    if (key === '?') return { kind: 'help' };
    if (key === '/') return { kind: 'search' };
    if (second) {
      const to = GO_KEYS[key.toLowerCase()];
      if (to !== undefined) return { kind: 'go', to };
    }
    if (key.toLowerCase() === 'g') this.#goAt = at;
    return null;
  }
}
