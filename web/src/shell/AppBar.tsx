import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import {
  IconBook2,
  IconLogout,
  IconMenu2,
  IconMoon,
  IconSun,
  IconUser,
  IconX,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, useLocation } from 'react-router';
import { sessionKey, signOut } from '../api/queries';
import type { Session } from '../api/types';
import { useFormat } from '../format/use-format';
import { useFrozenAt } from '../live/context';
import { usePbxTick, writeText } from '../live/hooks';
import { AsOf } from '../ui/AsOf';
import styles from './AppBar.module.css';
import { LanguageSwitch } from './LanguageSwitch';
import { LinkChips } from './LinkChips';
import { Logo } from './Logo';
import { NavGroup } from './NavGroup';
import { useOverdueContacts } from './overdue';

export function AppBar({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <header className={styles.bar}>
      <a className={styles.skip} href="#content">
        {t('app.skip')}
      </a>
      <span className={styles.brand}>
        <Logo />
        <span className={styles.name}>{t('app.name')}</span>
      </span>
      <Navigation admin={session.role === 'admin'} />
      <LinkChips />
      <div className={styles.tools}>
        <Clock />
        <LanguageSwitch />
        <SchemeSwitch />
        <Account session={session} />
      </div>
    </header>
  );
}

/** The pages; on a narrow screen behind a button. */
function Navigation({ admin }: { admin: boolean }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const place = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes the menu
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape from anywhere inside closes it
    <div ref={place} className={styles.place} onKeyDown={leave}>
      <button
        ref={button}
        type="button"
        className={styles.burger}
        aria-label={t('shell.menu')}
        aria-expanded={open}
        aria-controls="navigation"
        onClick={() => setOpen(!open)}
      >
        {open ? <IconX size={20} aria-hidden /> : <IconMenu2 size={20} aria-hidden />}
      </button>
      <nav id="navigation" className={styles.nav} data-open={open} aria-label={t('app.navigation')}>
        <NavLink to="/" end>
          {t('app.live')}
        </NavLink>
        <NavLink to="/calls">{t('app.calls')}</NavLink>
        <NavLink to="/history">{t('app.history')}</NavLink>
        <NavLink to="/lost-callers">{t('app.lost')}</NavLink>
        <NavLink to="/contacts">
          {t('app.contacts')} <Overdue />
        </NavLink>
        <NavGroup
          title={t('app.quality')}
          links={[
            { to: '/indicators', label: t('app.indicators') },
            { to: '/reports', label: t('app.reports') },
            { to: '/evidence', label: t('app.evidence') },
          ]}
        />
        {admin && <NavLink to="/settings">{t('app.settings')}</NavLink>}
      </nav>
    </div>
  );
}

/** Contacts whose deadline passed; nothing while there are none. */
function Overdue() {
  const { t } = useTranslation();
  const many = useOverdueContacts();
  if (many === 0) return null;
  return (
    <span className={styles.overdue} title={t('app.overdueContacts', { count: many })}>
      <span aria-hidden>{many}</span>
      <span className="sr-only">{t('app.overdueContacts', { count: many })}</span>
    </span>
  );
}

/** The monitor's time; it stands still when the stream does, like all the rest. */
function Clock() {
  const format = useFormat();
  const text = useRef<HTMLTimeElement>(null);
  usePbxTick('', (now) => {
    writeText(text.current, format.time(now));
  });
  const frozen = useFrozenAt('');
  if (frozen !== null) return <AsOf at={frozen} />;
  return <time ref={text} className={styles.clock} />;
}

export function SchemeSwitch() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const label = dark ? t('app.light') : t('app.dark');
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function Account({ session }: { session: Session }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    // Also when the server could not be asked: nothing of the session stays on this screen.
    onSettled: () => {
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] });
      queryClient.setQueryData(sessionKey, null);
    },
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button
          type="button"
          className={styles.account}
          aria-label={t('app.account', { name: session.name })}
        >
          <IconUser size={18} aria-hidden />
          <span>{session.name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {t('app.signedInAs', { name: session.name, role: t(`role.${session.role}`) })}
        </Menu.Label>
        <Menu.Item leftSection={<IconUser size={16} />} component={Link} to="/account">
          {t('app.ownAccount')}
        </Menu.Item>
        <Menu.Item leftSection={<IconBook2 size={16} />} component={Link} to="/standards">
          {t('app.standards')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()}>
          {t('app.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
