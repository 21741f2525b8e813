import {
  IconAlertOctagon,
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconArrowBackUp,
  IconCircleCheckFilled,
  IconCircleMinus,
  IconClock,
  IconMail,
  IconMailOpened,
  IconMessage,
  IconMoodSad,
  IconPhoneOutgoing,
  IconQuestionMark,
  type TablerIcon,
} from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveStore } from '../../live/context';
import { usePbxTick, writeText } from '../../live/hooks';
import styles from './Contacts.module.css';
import type { Channel, Contact } from './queries';
import { type State, stateOf, useSpan } from './words';

const STATE: Record<State, TablerIcon> = {
  pending: IconClock,
  at_risk: IconAlertTriangleFilled,
  overdue: IconAlertOctagonFilled,
  met: IconCircleCheckFilled,
  breached: IconAlertOctagon,
  withdrawn: IconArrowBackUp,
  excluded: IconCircleMinus,
};

/** How a contact stands: a colour, a shape and a word. */
export function StateMark({ state, size = '1.1em' }: { state: State; size?: string }) {
  const { t } = useTranslation();
  const Icon = STATE[state];
  return (
    <span className={styles.state} data-state={state}>
      <Icon size={size} aria-hidden /> {t(`contacts.state.${state}`)}
    </span>
  );
}

const CHANNEL: Record<Channel, TablerIcon> = {
  email: IconMail,
  letter: IconMailOpened,
  callback: IconPhoneOutgoing,
  chat: IconMessage,
  complaint: IconMoodSad,
  other: IconQuestionMark,
};

export function ChannelMark({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const Icon = CHANNEL[channel];
  return (
    <span className={styles.channel}>
      <Icon size="1.1em" aria-hidden /> {t(`contacts.channel.${channel}`)}
    </span>
  );
}

/** The monitor's time now, to the millisecond, for what somebody says has just happened. */
export function useServerTime(): () => number {
  const store = useLiveStore();
  return () => store.now() ?? Date.now();
}

/** How a contact stands by the monitor's clock; renders when that changes. */
export function useStateNow(contact: Contact): State {
  const now = useServerTime();
  const [at, setAt] = useState(now);
  const state = stateOf(contact, at);
  usePbxTick('', (tick) => {
    if (stateOf(contact, tick) !== state) setAt(tick);
  });
  return state;
}

/** What is left of the time that was announced, or how long it is over; runs by the second. */
export function TimeLeft({ contact, state }: { contact: Contact; state: State }) {
  const { t } = useTranslation();
  const span = useSpan();
  const text = useRef<HTMLSpanElement>(null);
  const deadline = Date.parse(contact.deadline_at);
  usePbxTick('', (now) => {
    const left = deadline - now;
    writeText(
      text.current,
      left > 0
        ? t('contacts.left', { span: span(left) })
        : t('contacts.overdueBy', { span: span(-left) }),
    );
  });
  return <span ref={text} className={styles.left} data-state={state} />;
}
