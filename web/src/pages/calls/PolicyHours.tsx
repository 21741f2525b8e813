/** The opening hours of a version of the policy, as they stand in it: explicit dates for ever. */
import { useTranslation } from 'react-i18next';
import type { Policy, PolicyCalendar } from '../../api/types';
import { WEEK } from '../settings/parts/days';
import styles from './Calls.module.css';

type Span = PolicyCalendar['holiday_hours'][number];

const spanText = ({ start, end }: Span): string => `${start}–${end}`;

export function PolicyHours({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  return (
    <section className={styles.block}>
      <h2>{t('policy.hours', { zone: policy.zone })}</h2>
      {policy.calendars.length === 0 && <p>{t('policy.always')}</p>}
      {policy.calendars.map((calendar) => (
        <Hours
          key={calendar.name}
          calendar={calendar}
          isCentres={calendar.name === policy.calendar}
        />
      ))}
    </section>
  );
}

function Hours({ calendar, isCentres }: { calendar: PolicyCalendar; isCentres: boolean }) {
  const { t, i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.resolvedLanguage === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'medium',
    timeZone: 'UTC',
  });
  const day = (date: string) => format.format(Date.parse(date));
  const closed = calendar.closed.map(({ first, last }) =>
    first === last ? day(first) : `${day(first)} – ${day(last)}`,
  );
  const holidays = calendar.holidays.map(day).join(', ');
  const onHolidays = calendar.holiday_hours.map(spanText).join(', ') || t('policy.holidaysClosed');
  const rows: [string, string][] = [
    [t('policy.week'), useWeek(calendar) || t('policy.always')],
    [t('policy.holidays'), holidays === '' ? '' : `${holidays} (${onHolidays})`],
    [t('policy.closed'), closed.join(', ')],
    [
      t('policy.openings'),
      calendar.openings.map((one) => `${day(one.day)} ${spanText(one)}`).join(', '),
    ],
  ];
  return (
    <>
      <h3 className={styles.subhead}>
        {calendar.name || t('policy.own')}{' '}
        {isCentres && calendar.name !== '' && (
          <span className={styles.note}>({t('policy.centre')})</span>
        )}
      </h3>
      <dl className={styles.facts}>
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

/** `Monday 08:00–12:00, 14:00–18:00 · Tuesday …`; empty where it is open all week. */
function useWeek({ hours }: PolicyCalendar): string {
  const { t } = useTranslation();
  return WEEK.flatMap((name, weekday) => {
    const spans = hours.filter((one) => one.weekday === weekday).map(spanText);
    return spans.length === 0 ? [] : [`${t(`settings.weekday.${name}`)} ${spans.join(', ')}`];
  }).join(' · ');
}
