/**
 * Makes itself heard: a sound and a notification of the browser, each only if asked for.
 *
 * The sound is two sine tones by WebAudio: no file, nothing that a strict policy would refuse.
 */
import type { Alert } from '../api/types';

/** However many alerts come: no more than one sound, and one notification, in this time. */
export const PAUSE_MS = 5_000;

export interface AlarmWishes {
  readonly sound: boolean;
  readonly notify: boolean;
}

export interface AlarmDeps {
  /** A monotonic clock in milliseconds. */
  now(): number;
  beep(): void;
  notify(alerts: readonly Alert[]): void;
}

/** Alerts that come during the pause after one are told of together, when it is over. */
export class Alarm {
  readonly #deps: AlarmDeps;
  #wishes: AlarmWishes = { sound: false, notify: false };
  #last = Number.NEGATIVE_INFINITY;
  #kept = new Map<string, Alert>();

  constructor(deps: AlarmDeps) {
    this.#deps = deps;
  }

  wish(wishes: AlarmWishes): void {
    this.#wishes = wishes;
  }

  tell(news: readonly Alert[]): void {
    for (const alert of news) this.#kept.set(alert.id, alert);
    this.#speak();
  }

  /** Called from time to time; `still` says which of the kept alerts are worth telling yet. */
  tick(still: (alert: Alert) => boolean): void {
    for (const [id, alert] of this.#kept) if (!still(alert)) this.#kept.delete(id);
    this.#speak();
  }

  #speak(): void {
    const now = this.#deps.now();
    if (this.#kept.size === 0 || now - this.#last < PAUSE_MS) return;
    const alerts = [...this.#kept.values()];
    this.#kept.clear();
    if (!this.#wishes.sound && !this.#wishes.notify) return;
    this.#last = now;
    if (this.#wishes.sound) this.#deps.beep();
    if (this.#wishes.notify) this.#deps.notify(alerts);
  }
}

const TONES = [
  { hertz: 880, at: 0, seconds: 0.14 },
  { hertz: 660, at: 0.17, seconds: 0.24 },
] as const;
const LOUDNESS = 0.18;
/** So long a browser may take to say whether a page may sound. */
const ANSWER_MS = 500;

/** To be made from a click: before one, a browser lets no page sound. */
export class Beeper {
  #context: AudioContext | null = null;
  readonly #listeners = new Set<() => void>();

  /** Whether the browser lets this page sound now. */
  get audible(): boolean {
    return this.#context?.state === 'running';
  }

  /** Calls `listener` whenever `audible` may have changed. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Wakes the sound; true if the browser lets us. */
  async ready(): Promise<boolean> {
    if (!('AudioContext' in window)) return false;
    if (this.#context === null) {
      this.#context = new AudioContext();
      this.#context.onstatechange = () => {
        for (const listener of this.#listeners) listener();
      };
    }
    // While a page may not sound, Chromium answers only once it may.
    await Promise.race([
      this.#context.resume().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, ANSWER_MS)),
    ]);
    return this.audible;
  }

  beep(): void {
    const context = this.#context;
    if (context === null || !this.audible) return;
    for (const { hertz, at, seconds } of TONES) {
      const begin = context.currentTime + at;
      const tone = new OscillatorNode(context, { type: 'sine', frequency: hertz });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
      tone.connect(gain).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + seconds);
    }
  }
}

const STORED = 'minuteur.alarm';

/** What this browser was asked for; nothing unless somebody did. */
export function storedWishes(): AlarmWishes {
  try {
    const words = (localStorage.getItem(STORED) ?? '').split(' ');
    // The browser's permission may have been taken back since.
    const allowed = 'Notification' in window && Notification.permission === 'granted';
    return { sound: words.includes('sound'), notify: words.includes('notify') && allowed };
  } catch {
    return { sound: false, notify: false };
  }
}

export function storeWishes({ sound, notify }: AlarmWishes): void {
  try {
    localStorage.setItem(STORED, [sound ? 'sound' : '', notify ? 'notify' : ''].join(' ').trim());
  } catch {
    // Storage is forbidden: the wish lasts as long as the page.
  }
}
