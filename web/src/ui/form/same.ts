/** Comparing plain values: what JSON can hold. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Whether two values say the same. A key that is missing says the same as one without a value. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a == null && b == null) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one, n) => isSame(one, b[n]))
    );
  }
  if (!isObject(a) || !isObject(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
    isSame(a[key], b[key]),
  );
}

export interface Difference {
  /** Keys from the outside in, joined by dots: `ari.url`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * What differs, field by field. Objects are looked into; lists count as one value, since a list that
 * grew in front would otherwise look changed all over.
 */
export function differences(before: unknown, after: unknown, prefix = ''): Difference[] {
  if (isSame(before, after)) return [];
  const inner = [before, after].filter((one) => one != null);
  if (inner.length > 0 && inner.every((one) => isObject(one) && !Array.isArray(one))) {
    const a = (before ?? {}) as Record<string, unknown>;
    const b = (after ?? {}) as Record<string, unknown>;
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      differences(a[key], b[key], prefix === '' ? key : `${prefix}.${key}`),
    );
  }
  return [{ path: prefix, before, after }];
}

/** Mine on top of theirs: what I changed since `base` is mine, all else is theirs. */
export function merged<T extends object>(base: T, mine: T, theirs: T): T {
  const result = { ...theirs };
  for (const key of Object.keys({ ...base, ...mine }) as (keyof T)[]) {
    if (!isSame(base[key], mine[key])) result[key] = mine[key];
  }
  return result;
}
