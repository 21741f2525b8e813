import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { SchemeSwitch } from '../../shell/AppBar';
import { LanguageSwitch } from '../../shell/LanguageSwitch';
import { Logo } from '../../shell/Logo';
import styles from './Entry.module.css';

/** What stands before the door: one card, and the choices of language and theme. */
export function EntryFrame({
  title,
  lead,
  children,
}: {
  title: string;
  lead: string;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} – ${t('app.name')}`;
  }, [title, t]);
  return (
    <main className={styles.page}>
      <div className={styles.tools}>
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
      <div className={styles.card}>
        <div className={styles.head}>
          <p className={styles.brand}>
            <Logo /> {t('app.name')}
          </p>
          <h1 className={styles.title}>{title}</h1>
          <p className={styles.lead}>{lead}</p>
        </div>
        {children}
      </div>
    </main>
  );
}
