/** Alerts in the order in which they want to be seen to, and which of them are news; pure. */
import type { Alert } from '../api/types';

/** Unacknowledged before acknowledged, lasting before over, then the newest. */
export function byUrgency(alerts: Iterable<Alert>): readonly Alert[] {
  return [...alerts].sort(
    (a, b) =>
      Number(a.acknowledged_at !== null) - Number(b.acknowledged_at !== null) ||
      Number(a.ended_at !== null) - Number(b.ended_at !== null) ||
      Date.parse(b.raised_at) - Date.parse(a.raised_at) ||
      a.id.localeCompare(b.id),
  );
}

export const isOpen = (alert: Alert): boolean => alert.acknowledged_at === null;

/** An alarm is worth a sound while it lasts and nobody has taken it on. */
export const isLoud = (alert: Alert): boolean => isOpen(alert) && alert.ended_at === null;

/** What there was not before: of these a person is told once. */
export function newsOf(
  before: ReadonlyMap<string, Alert> | null,
  alerts: ReadonlyMap<string, Alert>,
): readonly Alert[] {
  // All that is there when the page opens was there before: the panel shows it, nothing rings.
  if (before === null || before === alerts) return [];
  return [...alerts.values()].filter((alert) => !before.has(alert.id) && isLoud(alert));
}
