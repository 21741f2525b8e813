import {
  IconAlertOctagonFilled,
  IconBell,
  IconBellRinging,
  IconCheck,
  IconDatabaseX,
  IconMailExclamation,
  IconPlugConnectedX,
  IconUserOff,
  IconVolume,
  IconVolume3,
  IconVolumeOff,
  type TablerIcon,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { memo, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { acknowledgeAlerts } from '../../api/live-actions';
import type { Alert } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useAlarmWishes, useAudible, wishNotify, wishSound } from '../../live/alarm-wishes';
import { byUrgency, isOpen } from '../../live/alerts';
import { useTruth } from '../../live/context';
import type { QueueNames } from '../../live/hooks';
import { queueKey } from '../../live/keys';
import { useErrorText } from '../../shell/Notice';
import { useMayLead } from '../../shell/use-session';
import { useAlertWords } from '../../ui/alert-words';
import { callPath, queuePath } from '../paths';
import styles from './Alerts.module.css';
import panel from './Panel.module.css';

const SHOWN = 6;

const ICONS: Record<Alert['kind'], TablerIcon> = {
  caller_breached: IconAlertOctagonFilled,
  queue_unstaffed: IconUserOff,
  link_lost: IconPlugConnectedX,
  history_failing: IconDatabaseX,
  contacts_overdue: IconMailExclamation,
};

interface Props {
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly queues: QueueNames;
  readonly frozen: boolean;
}

/** What somebody should see to: first what nobody has taken on yet. */
export const Alerts = memo(function Alerts({ alerts, queues, frozen }: Props) {
  const { t } = useTranslation();
  // A PBX that is lost stops nobody: its own alert is there to be acknowledged.
  const mayLead = useMayLead();
  const mayAct = useTruth().freeze.all === null && mayLead;
  const errorText = useErrorText();
  const [all, setAll] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const sorted = useMemo(() => byUrgency(alerts.values()), [alerts]);
  const open = sorted.filter(isOpen);
  const acknowledge = useMutation({
    mutationFn: acknowledgeAlerts,
    // The button that was pressed goes away; whoever came by keyboard goes on from here.
    onSuccess: () => heading.current?.focus(),
  });
  const shown = all ? sorted : sorted.slice(0, SHOWN);
  const more = sorted.length - SHOWN;
  return (
    <section className={panel.panel} aria-labelledby="alerts" data-urgent={open.length > 0}>
      <div className={styles.head}>
        <h2 id="alerts" ref={heading} tabIndex={-1} className={panel.title}>
          {t('alert.title')}
          {open.length > 0 && <span className={styles.open}>{open.length}</span>}
        </h2>
        <Wishes />
      </div>
      {sorted.length === 0 && <p className={panel.none}>{t('alert.none')}</p>}
      {open.length > 1 && mayAct && (
        <button
          type="button"
          className={styles.all}
          disabled={acknowledge.isPending}
          onClick={() => acknowledge.mutate(open.map(({ id }) => id))}
        >
          <IconCheck size="1em" aria-hidden />
          {t('alert.acknowledgeAll', { count: open.length })}
        </button>
      )}
      {acknowledge.isError && (
        <p role="alert" className={styles.failed}>
          {errorText(acknowledge.error)}
        </p>
      )}
      <ul className={styles.list} data-frozen={frozen}>
        {shown.map((alert) => (
          <Line
            key={alert.id}
            alert={alert}
            queues={queues}
            onAcknowledge={mayAct ? () => acknowledge.mutate([alert.id]) : null}
          />
        ))}
      </ul>
      {more > 0 && (
        <button type="button" className={styles.more} onClick={() => setAll(!all)}>
          {all ? t('queue.less') : t('queue.more', { count: more })}
        </button>
      )}
    </section>
  );
});

interface LineProps {
  readonly alert: Alert;
  readonly queues: Props['queues'];
  /** Null: not this person's to do. */
  readonly onAcknowledge: (() => void) | null;
}

function Line({ alert, queues, onAcknowledge }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useAlertWords();
  const label = (pbx: string, queue: string) => queues.get(queueKey(pbx, queue))?.label ?? queue;
  const { title, detail, over } = words(alert, label);
  const Icon = ICONS[alert.kind] ?? IconAlertOctagonFilled;
  const to = targetOf(alert);
  const raised = format.time(Date.parse(alert.raised_at));
  return (
    <li className={styles.line} data-open={isOpen(alert)} data-over={alert.ended_at !== null}>
      <Icon className={styles.icon} size="1.05em" aria-hidden />
      <span className={styles.title}>{to === null ? title : <Link to={to}>{title}</Link>}</span>
      <time className={styles.at} dateTime={alert.raised_at}>
        {raised}
      </time>
      <span className={styles.detail}>
        {detail}
        {over !== '' && <em className={styles.over}>{over}</em>}
        {alert.acknowledged_at !== null && (
          <em className={styles.over}>
            {t('alert.acknowledgedBy', { by: alert.acknowledged_by })}
          </em>
        )}
      </span>
      {isOpen(alert) && onAcknowledge !== null && (
        <button
          type="button"
          className={styles.acknowledge}
          aria-label={t('alert.acknowledgeOne', { alert: title })}
          onClick={onAcknowledge}
        >
          {t('alert.acknowledge')}
        </button>
      )}
    </li>
  );
}

function targetOf(alert: Alert): string | null {
  if (alert.call_id !== '') return callPath(alert.call_id);
  return alert.queue === '' ? null : queuePath(alert.pbx, alert.queue);
}

const soundWords = (wished: boolean, audible: boolean) => {
  if (!wished) return 'alert.soundOff';
  return audible ? 'alert.soundOn' : 'alert.soundBlocked';
};

/** Sound and notification, off until somebody asks for them here. */
function Wishes() {
  const { t } = useTranslation();
  const wishes = useAlarmWishes();
  const audible = useAudible();
  const silent = wishes.sound && !audible;
  const [refused, setRefused] = useState('');
  const askNotify = async () => {
    const answer = await wishNotify(!wishes.notify);
    setRefused(answer === 'granted' ? '' : t(`alert.notify.${answer}`));
  };
  return (
    <span className={styles.wishes}>
      <button
        type="button"
        aria-pressed={wishes.sound}
        aria-label={t('alert.sound')}
        aria-describedby={silent ? 'silent' : undefined}
        title={t(soundWords(wishes.sound, audible))}
        data-silent={silent}
        onClick={() => void wishSound(!wishes.sound)}
      >
        {silent ? (
          <IconVolume3 size={17} />
        ) : wishes.sound ? (
          <IconVolume size={17} />
        ) : (
          <IconVolumeOff size={17} />
        )}
      </button>
      <button
        type="button"
        aria-pressed={wishes.notify}
        aria-label={t('alert.notification')}
        title={t(wishes.notify ? 'alert.notificationOn' : 'alert.notificationOff')}
        onClick={() => void askNotify()}
      >
        {wishes.notify ? <IconBellRinging size={17} /> : <IconBell size={17} />}
      </button>
      {silent && (
        <span id="silent" className={styles.silent}>
          {t('alert.soundBlocked')}
        </span>
      )}
      <span role="status" className={refused === '' ? 'sr-only' : styles.refused}>
        {refused}
      </span>
    </span>
  );
}
