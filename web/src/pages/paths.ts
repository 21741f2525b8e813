/** Where pages live. A call's id holds characters that mean something in an address. */
export const callPath = (id: string): string => `/calls/${encodeURIComponent(id)}`;
