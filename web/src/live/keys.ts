/** Under which keys the live state keeps things. */
export const queueKey = (pbx: string, queue: string): string => `${pbx}/${queue}`;
