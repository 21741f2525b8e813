import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CalendarItem, Settings } from '../../../api/types';
import { Callout, Section } from '../../../ui/form/Section';
import { OriginBadges } from '../parts/Origin';
import styles from '../parts/Table.module.css';
import { WithSettings } from '../parts/With';
import { useRuleWords } from '../rules/sentence';
import { useCountryName } from './countries';
import { OpenNow } from './OpenNow';

export function CalendarList() {
  const { t } = useTranslation();
  return (
    <Section
      title={t('settings.nav.hours')}
      lead={t('settings.hours.lead')}
      actions={
        <Button component={Link} to="/settings/hours/new" leftSection={<IconPlus size={16} />}>
          {t('settings.hours.new')}
        </Button>
      }
    >
      <WithSettings>{(settings) => <List settings={settings} />}</WithSettings>
    </Section>
  );
}

function List({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  if (settings.calendar.length === 0) {
    return (
      <div className={styles.scroller}>
        <p className={styles.empty}>{t('settings.hours.none')}</p>
      </div>
    );
  }
  return (
    <>
      {settings.centre.body.calendar === '' && (
        <Callout tone="risk" title={t('settings.hours.unused')}>
          <p>
            <Link to="/settings/centre">{t('settings.hours.choose')}</Link>
          </p>
        </Callout>
      )}
      <div className={styles.scroller}>
        <table className={styles.table}>
          <thead>
            <tr>
              {(['calendar', 'now', 'hours', 'holidays', 'usedBy'] as const).map((head) => (
                <th key={head} scope="col">
                  {t(`settings.field.${head}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {settings.calendar.map((item) => (
              <Line key={item.id} item={item} settings={settings} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Line({ item, settings }: { item: CalendarItem; settings: Settings }) {
  const { t } = useTranslation();
  const words = useRuleWords();
  const country = useCountryName();
  const users = useUsers(item.id, settings);
  return (
    <tr>
      <th scope="row">
        <Link to={`/settings/hours/${encodeURIComponent(item.id)}`}>{item.id}</Link>{' '}
        <span className={styles.badges}>
          <OriginBadges item={item} />
        </span>
      </th>
      <td>
        <OpenNow calendar={item.body} zone={settings.centre.body.time_zone} />
      </td>
      <td>{words.hours(item.body.hours) || t('settings.hours.always')}</td>
      <td>{item.body.holidays === '' ? '–' : country(item.body.holidays)}</td>
      <td>{users || '–'}</td>
    </tr>
  );
}

/** Who goes by a calendar, in words. */
export function useUsers(id: string, settings: Settings): string {
  const { t } = useTranslation();
  const queues = settings.queue
    .filter(({ body }) => body.calendar === id)
    .map(({ body }) => body.label || body.name);
  const centre = settings.centre.body.calendar === id ? [t('settings.hours.centre')] : [];
  return [...centre, ...queues].join(', ');
}
