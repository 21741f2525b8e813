import { IconDoor, IconDoorOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarSettings } from '../../../api/types';
import { Badge } from '../../../ui/form/Section';
import { useHolidays } from './holidays';
import { localMoment, openAt } from './open-now';

const EVERY_MS = 15_000;

/** Whether a calendar is open at this moment, and by which part of it. */
export function OpenNow({ calendar, zone }: { calendar: CalendarSettings; zone: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const at = localMoment(now, zone);
  const holidays = useHolidays(
    calendar.holidays,
    calendar.subdivision,
    Number(at.date.slice(0, 4)),
  );
  if (calendar.holidays !== '' && holidays.isPending) return null;
  const { open, why } = openAt(calendar, at, holidays.data?.items.map(({ date }) => date) ?? []);
  return (
    <span title={t(`settings.openWhy.${why}`)}>
      <Badge
        tone={open ? 'calm' : 'neutral'}
        icon={open ? <IconDoor size="1em" aria-hidden /> : <IconDoorOff size="1em" aria-hidden />}
      >
        {t(open ? 'settings.hours.open' : 'settings.hours.closed')}
      </Badge>
    </span>
  );
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
