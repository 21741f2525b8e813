import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Alert } from '../api/types';
import { Alarm } from '../live/alarm';
import { beeper, readWishes, useAlarmWishes } from '../live/alarm-wishes';
import { isLoud, newsOf } from '../live/alerts';
import { useLiveStore } from '../live/context';
import { queueKey } from '../live/keys';
import { useAlertWords } from '../ui/alert-words';

/** Listens for new alerts on every page, and makes itself heard if this browser was asked to. */
export function AlarmWatch() {
  const store = useLiveStore();
  const wishes = useAlarmWishes();
  const tell = useNotification();
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  const [alarm] = useState(
    () =>
      new Alarm({
        now: () => performance.now(),
        beep: () => beeper.beep(),
        notify: (alerts) => latest.current(alerts),
      }),
  );

  useEffect(() => {
    alarm.wish(wishes);
    if (!wishes.sound) return;
    // After a reload the browser waits for a sign of life before it lets a page sound.
    const wake = () => void beeper.ready();
    // Up, not down: on a touch screen only the end of a touch counts as one.
    window.addEventListener('pointerup', wake, { once: true });
    window.addEventListener('keydown', wake, { once: true });
    wake();
    return () => {
      window.removeEventListener('pointerup', wake);
      window.removeEventListener('keydown', wake);
    };
  }, [alarm, wishes]);

  useEffect(() => {
    let before: ReadonlyMap<string, Alert> | null = null;
    const look = () => {
      const alerts = store.getView().state?.alerts ?? null;
      if (alerts === null || alerts === before) return;
      const news = newsOf(before, alerts);
      before = alerts;
      alarm.wish(readWishes());
      if (news.length > 0) alarm.tell(news);
    };
    look();
    const stop = store.subscribe(look);
    const stopTick = store.ticker.subscribe(() => {
      const alerts = store.getView().state?.alerts;
      alarm.tick((alert) => {
        const now = alerts?.get(alert.id);
        return now !== undefined && isLoud(now);
      });
    });
    return () => {
      stop();
      stopTick();
    };
  }, [store, alarm]);
  return null;
}

function useNotification(): (alerts: readonly Alert[]) => void {
  const { t } = useTranslation();
  const words = useAlertWords();
  const store = useLiveStore();
  const navigate = useNavigate();
  return (alerts) => {
    const queues = store.getView().state?.queues;
    const label = (pbx: string, queue: string) => queues?.get(queueKey(pbx, queue))?.label ?? queue;
    const said = alerts.map((alert) => words(alert, label));
    const first = said[0];
    if (first === undefined) return;
    const title = said.length === 1 ? first.title : t('alert.several', { count: said.length });
    const body = said.length === 1 ? first.detail : said.map((one) => one.title).join('\n');
    try {
      const shown = new Notification(title, { body, tag: 'minuteur', icon: '/favicon.svg' });
      shown.onclick = () => {
        window.focus();
        void navigate('/');
        shown.close();
      };
    } catch {
      // Phones let only service workers notify; the board says it all the same.
    }
  };
}
