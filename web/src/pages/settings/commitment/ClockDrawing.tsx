import { useTranslation } from 'react-i18next';
import type { CommitmentSettings } from '../../../api/types';
import styles from './ClockDrawing.module.css';

type Start = CommitmentSettings['starts_on'];

/** Where each stage of a call begins, in the drawing's own units. */
const STAGES = [
  { name: 'ringing', from: 40, to: 120 },
  { name: 'welcome', from: 120, to: 230 },
  { name: 'voiceServer', from: 230, to: 360 },
  { name: 'queue', from: 360, to: 620 },
] as const;
const STARTS: Record<Start, number> = {
  arrival: 40,
  welcome_end: 230,
  voice_server_left: 360,
  queue_joined: 360,
};
const MINUTE = 250;

/** One call on a time axis, and the stretch that the clock measures. */
export function ClockDrawing({ startsOn, within }: { startsOn: Start; within: number }) {
  const { t } = useTranslation();
  const start = STARTS[startsOn];
  const end = start + MINUTE;
  return (
    <svg
      className={styles.drawing}
      viewBox="0 0 660 116"
      role="img"
      aria-label={t('settings.drawing.text', {
        start: t(`settings.value.starts_on_${startsOn}`),
        within,
      })}
    >
      {STAGES.map(({ name, from, to }) => (
        <g key={name}>
          <rect
            className={styles.stage}
            x={from + 1}
            y={64}
            width={to - from - 2}
            height={24}
            rx={4}
          />
          <text className={styles.label} x={(from + to) / 2} y={80}>
            {t(`settings.drawing.${name}`)}
          </text>
        </g>
      ))}
      <line className={styles.axis} x1={40} x2={640} y1={100} y2={100} />
      <rect className={styles.clock} x={start} y={22} width={MINUTE} height={26} rx={5} />
      <circle className={styles.dot} cx={start} cy={35} r={5} />
      <text className={styles.clockText} x={start + 14} y={39}>
        {t('settings.drawing.clock', { within })}
      </text>
      <line className={styles.deadline} x1={end} x2={end} y1={10} y2={60} />
      <text className={styles.deadlineText} x={end - 6} y={15}>
        {t('settings.drawing.deadline')}
      </text>
    </svg>
  );
}
