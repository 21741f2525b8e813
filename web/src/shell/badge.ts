/** The tab's icon with a number on it, as an address; null for the plain icon. */
export function badgeIcon(count: number | null): string | null {
  if (count === 0) return null;
  const text = count === null ? '?' : count > 99 ? '99+' : String(count);
  const fill = count === null ? '#5f6978' : '#c63a06';
  const size = text.length > 2 ? 13 : text.length > 1 ? 17 : 20;
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    `<rect width="32" height="32" rx="8" fill="${fill}"/>` +
    `<text x="16" y="17" fill="#fff" font-family="sans-serif" font-weight="700" font-size="${size}" ` +
    `text-anchor="middle" dominant-baseline="central">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
