import { useTranslation } from 'react-i18next';
import type { CalendarSettings } from '../../../api/types';
import { ChoiceField } from '../../../ui/form/fields';
import { Card, Fields } from '../../../ui/form/Section';
import { TimeRange } from '../parts/SpansEditor';
import type { Editor } from '../parts/use-editor';
import { firstError } from './CalendarEditor';
import { COUNTRIES, useCountryName, usePartName } from './countries';
import { Add, Problem, Row } from './Days';
import styles from './Days.module.css';
import { useHolidays } from './holidays';

const YEARS = [0, 1] as const;

/** Public holidays of a country, and of a part of it: which, and the hours on them. */
export function HolidayFields({ editor }: { editor: Editor<CalendarSettings> }) {
  const { t } = useTranslation();
  const country = useCountryName();
  const part = usePartName();
  const { form, set, error, errors } = editor;
  const thisYear = new Date().getFullYear();
  const found = useHolidays(form.holidays, form.subdivision, thisYear);
  const subdivisions = found.data?.subdivisions ?? [];
  const offered = [...new Set([...COUNTRIES, form.holidays])].filter((code) => code !== '');
  const put = (place: number, next: { from?: string; to?: string }) =>
    set({
      holidays_hours: form.holidays_hours.map((one, n) =>
        n === place ? { ...one, ...next } : one,
      ),
    });
  return (
    <Card title={t('settings.field.holidays')} lead={t('settings.hours.holidaysLead')}>
      <Fields>
        <ChoiceField
          label={t('settings.field.country')}
          value={form.holidays}
          choices={[
            { value: '', label: t('settings.hours.noHolidays') },
            ...offered
              .map((code) => ({ value: code, label: country(code) }))
              .sort((a, b) => a.label.localeCompare(b.label)),
          ]}
          error={error('holidays')}
          onChange={(holidays) => set({ holidays, subdivision: '' })}
        />
        {form.holidays !== '' && (subdivisions.length > 0 || form.subdivision !== '') && (
          <ChoiceField
            label={t('settings.field.subdivision')}
            help={t('settings.help.subdivision')}
            value={form.subdivision}
            choices={[
              { value: '', label: t('settings.hours.wholeCountry') },
              ...[...new Set([...subdivisions, form.subdivision])]
                .filter((code) => code !== '')
                .map((code) => ({
                  value: code,
                  label: part(form.holidays, code),
                })),
            ]}
            error={error('subdivision')}
            onChange={(subdivision) => set({ subdivision })}
          />
        )}
      </Fields>
      {form.holidays !== '' && (
        <>
          <div className={styles.part}>
            <h4>{t('settings.hours.onHolidays')}</h4>
            {form.holidays_hours.length === 0 && (
              <p className={styles.none}>{t('settings.hours.closedOnHolidays')}</p>
            )}
            {form.holidays_hours.map((span, n) => (
              <Row
                // biome-ignore lint/suspicious/noArrayIndexKey: a span has no name, only its place
                key={n}
                name={t('settings.hours.span', { number: n + 1 })}
                onRemove={() =>
                  set({ holidays_hours: form.holidays_hours.filter((_, place) => place !== n) })
                }
              >
                <TimeRange from={span.from} to={span.to} onChange={(times) => put(n, times)} />
              </Row>
            ))}
            <Problem text={firstError(errors, 'holidays_hours')} />
            <Add
              text={t('settings.hours.add')}
              onClick={() =>
                set({ holidays_hours: [...form.holidays_hours, { from: '09:00', to: '12:00' }] })
              }
            />
          </div>
          {YEARS.map((ahead) => (
            <Year
              key={ahead}
              country={form.holidays}
              subdivision={form.subdivision}
              year={thisYear + ahead}
            />
          ))}
        </>
      )}
    </Card>
  );
}

function Year({
  country,
  subdivision,
  year,
}: {
  country: string;
  subdivision: string;
  year: number;
}) {
  const { t, i18n } = useTranslation();
  const found = useHolidays(country, subdivision, year);
  const french = i18n.resolvedLanguage === 'fr';
  const day = new Intl.DateTimeFormat(french ? 'fr-FR' : 'en-GB', {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  const items = found.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <details className={styles.part} open={year === new Date().getFullYear()}>
      <summary>{t('settings.hours.holidaysOf', { year, count: items.length })}</summary>
      <ul className={styles.days}>
        {items.map(({ date, name_en, name_fr }) => (
          <li key={`${date}${name_en}`}>
            <time dateTime={date}>{day.format(new Date(`${date}T00:00:00Z`))}</time>
            {french ? name_fr : name_en}
          </li>
        ))}
      </ul>
    </details>
  );
}
