import charts from './Charts.module.css';

export type Sign =
  | 'level'
  | 'rate'
  | 'other'
  | 'target'
  | 'within'
  | 'late'
  | 'abandoned'
  | 'rest'
  | 'unknown'
  | 'threshold';

const LINES: ReadonlySet<Sign> = new Set(['level', 'rate', 'other', 'target', 'threshold']);

/** What the lines and areas of a picture stand for. */
export function Legend({ entries }: { entries: readonly (readonly [Sign, string])[] }) {
  return (
    <ul className={charts.legend}>
      {entries.map(([sign, text]) => (
        <li key={sign}>
          <svg className={charts.swatch} width="22" height="12" aria-hidden="true">
            {LINES.has(sign) ? (
              <line className={charts[sign]} x1="1" x2="21" y1="6" y2="6" />
            ) : (
              <rect
                className={charts[sign]}
                x="4"
                width="14"
                height="12"
                rx="2"
                {...(sign === 'unknown' ? { fill: 'none' } : {})}
              />
            )}
            {sign === 'unknown' && (
              <path className={charts.unknown} d="M4 8L10 0M7 12L16 0M13 12L18 5" fill="none" />
            )}
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}
