/** Shapes for states: what colour says is said by shape as well, and by a word beside it. */
import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconBan,
  IconCircle,
  IconCircleCheckFilled,
  IconCircleMinus,
  IconClock,
  IconHelpCircle,
  IconPhoneX,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Verdict } from '../api/types';
import type { CallerState } from '../live/caller';
import type { Severity } from '../live/order';
import styles from './marks.module.css';

const CALLER: Record<CallerState, TablerIcon> = {
  calm: IconClock,
  risk: IconAlertTriangleFilled,
  breached: IconAlertOctagonFilled,
  over: IconAlertTriangleFilled,
  untimed: IconClock,
};

const VERDICT: Record<Verdict, TablerIcon> = {
  pending: IconClock,
  met: IconCircleCheckFilled,
  breached: IconAlertOctagonFilled,
  abandoned: IconPhoneX,
  refused: IconBan,
  excluded: IconCircleMinus,
  unknown: IconHelpCircle,
};

export function CallerMark({ state }: { state: CallerState }) {
  const Icon = CALLER[state];
  return <Icon className={styles.mark} size="1.05em" aria-hidden />;
}

export function VerdictMark({ verdict, size = '1.1em' }: { verdict: Verdict; size?: string }) {
  const Icon = VERDICT[verdict];
  return <Icon className={styles.verdict} data-verdict={verdict} size={size} aria-hidden />;
}

const SEVERITY: Record<Severity, TablerIcon> = {
  0: IconCircle,
  1: IconClock,
  2: IconAlertTriangleFilled,
  3: IconAlertOctagonFilled,
};

/** How a queue stands, as a shape. */
export function SeverityMark({ severity }: { severity: Severity }) {
  const Icon = SEVERITY[severity];
  return <Icon className={styles.severity} data-severity={severity} size="1.05em" aria-hidden />;
}
