/** What this browser was asked for (sound, notification), for all parts of the page. */
import { useSyncExternalStore } from 'react';
import { type AlarmWishes, Beeper, storedWishes, storeWishes } from './alarm';

export const beeper = new Beeper();

let wishes: AlarmWishes = storedWishes();
const listeners = new Set<() => void>();

export const readWishes = (): AlarmWishes => wishes;

function setWishes(next: AlarmWishes): void {
  wishes = next;
  storeWishes(next);
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useAlarmWishes = (): AlarmWishes => useSyncExternalStore(subscribe, readWishes);

/** Whether the browser lets this page sound; it may not before the first click after a reload. */
export const useAudible = (): boolean =>
  useSyncExternalStore(beeper.subscribe, () => beeper.audible);

/** From a click: plays the sound once, so that it is known what to listen for. */
export async function wishSound(sound: boolean): Promise<void> {
  setWishes({ ...wishes, sound });
  if (sound && (await beeper.ready())) beeper.beep();
}

export type NotifyAnswer = 'granted' | 'denied' | 'unsupported';

/** From a click: asks the browser's permission; false wishes need none. */
export async function wishNotify(notify: boolean): Promise<NotifyAnswer> {
  if (!notify) {
    setWishes({ ...wishes, notify: false });
    return 'granted';
  }
  if (!('Notification' in window)) return 'unsupported';
  const answer = await Notification.requestPermission();
  setWishes({ ...wishes, notify: answer === 'granted' });
  return answer === 'granted' ? 'granted' : 'denied';
}
