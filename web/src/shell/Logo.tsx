/** A kitchen timer a quarter run down. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <circle cx="16" cy="18" r="12.5" fill="none" stroke="currentColor" strokeWidth="2.6" />
      <path d="M16 18 V9.5 A8.5 8.5 0 1 1 7.5 18 Z" fill="var(--calm-strong)" />
      <rect x="13" y="1" width="6" height="3.4" rx="1.2" fill="currentColor" />
    </svg>
  );
}
