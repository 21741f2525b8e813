/** Shares cards out over columns: each, in order, to the column that is shortest so far; pure. */
export function placeInColumns<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  heightOf: (item: T) => number,
  count: number,
): ReadonlyMap<string, number> {
  const heights = new Array<number>(count).fill(0);
  const places = new Map<string, number>();
  for (const item of items) {
    const column = heights.indexOf(Math.min(...heights));
    heights[column] = (heights[column] ?? 0) + heightOf(item);
    places.set(keyOf(item), column + 1);
  }
  return places;
}
