/** Where pages live. A call's id holds characters that mean something in an address. */
export const callPath = (id: string): string => `/calls/${encodeURIComponent(id)}`;

/** A queue's own page; an id holds characters that mean something in an address. */
export const queuePath = (pbx: string, queue: string): string =>
  `/queues/${encodeURIComponent(pbx)}/${encodeURIComponent(queue)}`;

/** What was promised under a version of the policy. */
export const policyPath = (version: number): string => `/policies/${version}`;

export const contactPath = (id: string): string => `/contacts/${encodeURIComponent(id)}`;
