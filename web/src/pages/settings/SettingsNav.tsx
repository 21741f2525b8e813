import { NativeSelect } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { useDraftKeys } from '../../ui/form/drafts';
import { useAttention, useUndeclared } from './attention';
import styles from './SettingsPages.module.css';
import { SECTIONS, type SectionName, sectionOfDraft } from './sections';

/** Where to go, and what needs somebody there. On a phone it is one select. */
export function SettingsNav() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const current = SECTIONS.find((one) => pathname.startsWith(`/settings/${one.name}`));
  const attention = useAttention();
  const missing = useUndeclared();
  const typed = new Set(useDraftKeys().map(sectionOfDraft));
  const words = (name: SectionName) => {
    const count = attention[name] ?? 0;
    const text = t(`settings.nav.${name}`);
    return count > 0 ? `${text} (${count})` : text;
  };
  return (
    <nav className={styles.nav} aria-label={t('app.settings')}>
      <h1 className={styles.title}>{t('app.settings')}</h1>
      <NativeSelect
        className={styles.select}
        aria-label={t('settings.nav.choose')}
        value={current?.name ?? ''}
        onChange={(event) => void navigate(`/settings/${event.currentTarget.value}`)}
        data={SECTIONS.map(({ name }) => ({ value: name, label: words(name) }))}
      />
      <ul className={styles.links}>
        {SECTIONS.map(({ name, apart }) => (
          <li key={name} className={apart ? styles.apart : undefined}>
            <NavLink to={`/settings/${name}`}>
              <span className={styles.name}>{t(`settings.nav.${name}`)}</span>
              {typed.has(name) && (
                <span
                  className={styles.typed}
                  role="img"
                  aria-label={t('settings.form.unsaved')}
                  title={t('settings.form.unsaved')}
                />
              )}
              {name === 'queues' && missing > 0 && (
                <span className={styles.note}>
                  {t('settings.nav.undeclared', { count: missing })}
                </span>
              )}
              <Attention count={attention[name] ?? 0} />
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Attention({ count }: { count: number }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  const text = t('settings.nav.attention', { count });
  return (
    <span className={styles.attention} title={text}>
      <IconAlertTriangleFilled size="0.95em" aria-hidden />
      <span aria-hidden>{count}</span>
      <span className="sr-only">{text}</span>
    </span>
  );
}
