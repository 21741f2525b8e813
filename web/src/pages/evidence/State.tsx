import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { useDayText } from './days';
import styles from './Evidence.module.css';
import type { Evidence } from './queries';

/** How far it is, what changed since, and what comes next. */
export function State({ status }: { status: Evidence }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dayText = useDayText();
  const day = (found: string | null) => (found === null ? '–' : dayText(found));
  return (
    <section className={styles.panel} aria-labelledby="state-title">
      <h2 id="state-title">{t('evidence.state')}</h2>
      <dl className={styles.facts}>
        <Fact name={t('evidence.sealedDays')}>{format.integer(status.sealed_days)}</Fact>
        <Fact name={t('evidence.first')}>{day(status.first_day)}</Fact>
        <Fact name={t('evidence.last')}>{day(status.last_day)}</Fact>
        <Fact name={t('evidence.changed')} help={t('evidence.changedHelp')}>
          {format.integer(status.changed_calls)}
        </Fact>
        <Fact name={t('evidence.removed')} help={t('evidence.removedHelp')}>
          {format.integer(status.removed_days)}
        </Fact>
      </dl>
      <h3>{t('evidence.next')}</h3>
      <p>
        <Next status={status} />
      </p>
    </section>
  );
}

function Fact({ name, help, children }: { name: string; help?: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {name}
        {help !== undefined && <small>{help}</small>}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function Next({ status: { waiting } }: { status: Evidence }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dayText = useDayText();
  if (waiting === null) return t('evidence.nextSoon');
  const at = waiting.until ?? null;
  return t(`evidence.waiting.${waiting.why}`, {
    count: waiting.live,
    day: waiting.day === null ? '' : dayText(waiting.day),
    until:
      at === null
        ? t('evidence.nextSoon')
        : t('evidence.until', { at: format.dateTime(Date.parse(at)) }),
  });
}

/** Why nothing can be sealed, and what to do about it. */
export function Problem({ status, admin }: { status: Evidence; admin: boolean }) {
  const { t } = useTranslation();
  const { problem, waiting } = status;
  const key = waiting?.why === 'key';
  if (problem === '' && !key) return null;
  return (
    <div role="alert" className={styles.problem}>
      <strong>{t('evidence.problem')}</strong>
      {admin ? (
        key ? (
          <p>{t('evidence.problemKey')}</p>
        ) : (
          <p>
            {t('evidence.problemOther')} <span lang="en">{problem}</span>
          </p>
        )
      ) : (
        <p>{t('evidence.problemAdmin')}</p>
      )}
    </div>
  );
}
