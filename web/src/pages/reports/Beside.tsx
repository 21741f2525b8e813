/** What a report tells beside calls: promises on other channels, satisfaction, agents' time. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import type { Report } from './queries';
import styles from './Reports.module.css';

type Ratio = Report['coverage']['share'];

const MS = 1_000;

export function Beside({ report }: { report: Report }) {
  const { agents } = report;
  // What nobody registered or asked is not worth a box; the file tells that there was none.
  const contacts = report.contacts?.total.registered ? report.contacts : null;
  const satisfaction = report.satisfaction?.response.denominator ? report.satisfaction : null;
  return (
    <>
      {contacts !== null && <Contacts contacts={contacts} />}
      {satisfaction !== null && <Satisfaction satisfaction={satisfaction} />}
      {agents !== null && <Agents agents={agents} />}
    </>
  );
}

function useRatioText() {
  const { t } = useTranslation();
  const format = useFormat();
  return ({ value, numerator, denominator }: Ratio): ReactNode =>
    value === null ? (
      '–'
    ) : (
      <>
        {format.percent(value)}{' '}
        <small>
          {t('reports.madeOf', {
            numerator: format.integer(numerator),
            denominator: format.integer(denominator),
          })}
        </small>
      </>
    );
}

function Contacts({ contacts }: { contacts: NonNullable<Report['contacts']> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const ratio = useRatioText();
  const { total, callbacks } = contacts;
  return (
    <Panel id="contacts-title" title={t('reports.contacts.title')}>
      <Line name={t('reports.contacts.rate')}>{ratio(total.rate)}</Line>
      <Line name={t('reports.contacts.registered')}>{format.integer(total.registered)}</Line>
      <Line name={t('reports.contacts.overdue')}>{format.integer(total.overdue)}</Line>
      {callbacks.asked > 0 && (
        <Line name={t('reports.contacts.callbacks')}>{ratio(callbacks.done)}</Line>
      )}
      <li>
        <Link to="/contacts">{t('reports.contacts.open')}</Link>
      </li>
    </Panel>
  );
}

function Satisfaction({ satisfaction }: { satisfaction: NonNullable<Report['satisfaction']> }) {
  const { t } = useTranslation();
  const ratio = useRatioText();
  return (
    <Panel id="satisfaction-title" title={t('reports.satisfaction.title')}>
      <Line name={t('reports.satisfaction.response')}>{ratio(satisfaction.response)}</Line>
    </Panel>
  );
}

function Agents({ agents: { total } }: { agents: NonNullable<Report['agents']> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { occupancy, average_handle_s } = total;
  return (
    <Panel id="agents-title" title={t('reports.agents.title')}>
      <Line name={t('reports.agents.occupancy')}>
        {occupancy.value === null ? '–' : format.percent(occupancy.value)}
      </Line>
      <Line name={t('reports.agents.aht')}>
        {average_handle_s === null ? '–' : span(average_handle_s * MS)}
      </Line>
      <Line name={t('reports.agents.conversations')}>{format.integer(total.conversations)}</Line>
    </Panel>
  );
}

function Panel({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <ul className={styles.lines}>{children}</ul>
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li>
      <span>{name}</span>
      <span>{children}</span>
    </li>
  );
}
