import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Copy } from './Copy';
import styles from './Evidence.module.css';

/** How an auditor checks a pack alone. */
export function Verify() {
  const { t } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="verify-title">
      <h2 id="verify-title">{t('evidence.verify')}</h2>
      <p className={styles.note}>{t('evidence.verifyText')}</p>
      <Command text="minuteur evidence verify audit.zip --head HEAD" />
      <p className={styles.note}>{t('evidence.verifyEnds')}</p>
      <p className={styles.note}>{t('evidence.verifyOwn')}</p>
    </section>
  );
}

/** Whether the record itself is still what was sealed: only a command tells. */
export function RecordCheck() {
  const { t } = useTranslation();
  return (
    <section className={styles.panel} aria-labelledby="check-title">
      <h2 id="check-title">{t('evidence.check')}</h2>
      <p className={styles.note}>{t('evidence.checkText')}</p>
      <Command text="minuteur evidence status --check" />
    </section>
  );
}

export function Command({ text }: { text: string }) {
  const { t } = useTranslation();
  const shown = useRef<HTMLElement>(null);
  return (
    <div className={styles.command}>
      <code ref={shown}>{text}</code>
      <Copy
        text={text}
        label={t('evidence.copyShort')}
        name={`${t('evidence.copyShort')} ${text}`}
        shown={shown}
        variant="subtle"
      />
    </div>
  );
}
