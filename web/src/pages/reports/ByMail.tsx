import { useTranslation } from 'react-i18next';
import styles from './Reports.module.css';

const SAMPLE = `[mail]
host = "smtp.example.org"
from = "minuteur@example.org"

[[report]]
name = "monthly"
every = "month"                        # "week"
recipients = ["quality@example.org"]
language = "fr"                        # "en"
formats = ["pdf", "csv"]`;

/** Who gets reports by mail stands in the settings file; no page tells, so this one says where. */
export function ByMail({ admin }: { admin: boolean }) {
  const { t } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="mail-title">
      <h2 id="mail-title">{t('reports.mail.title')}</h2>
      {admin ? (
        <>
          <p className={styles.note}>{t('reports.mail.text')}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <section className={styles.sample} tabIndex={0} aria-label={t('reports.mail.file')}>
            <pre>{SAMPLE}</pre>
          </section>
          <p className={styles.note}>{t('reports.mail.after')}</p>
        </>
      ) : (
        <p className={styles.note}>{t('reports.mail.ask')}</p>
      )}
    </section>
  );
}
