/** The pieces that every page of the settings is made of. */
import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconArrowLeft,
  IconInfoCircle,
} from '@tabler/icons-react';
import { type ReactNode, type RefObject, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import styles from './Section.module.css';

export type Tone = 'neutral' | 'calm' | 'risk' | 'breach';

/** One page of the settings: its title, one sentence on what it is for, and its buttons. */
export function Section({
  title,
  lead,
  back,
  badge,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  back?: { to: string; label: string };
  badge?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useLostFocus(heading);
  useEffect(() => {
    document.title = `${title} – ${t('app.name')}`;
  }, [title, t]);
  return (
    <section className={styles.section}>
      {back !== undefined && (
        <Link to={back.to} className={styles.back}>
          <IconArrowLeft size={16} aria-hidden /> {back.label}
        </Link>
      )}
      <header className={styles.head}>
        <div className={styles.words}>
          <h2 ref={heading} className={styles.title} tabIndex={-1}>
            {title} {badge}
          </h2>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** Where what had the focus is gone, with the page that it stood on, the new page's title has it. */
function useLostFocus(heading: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const frame = window.requestAnimationFrame(() => {
      if (document.activeElement === document.body) heading.current?.focus();
    });
    return () => window.cancelAnimationFrame(frame);
  }, [heading]);
}

/** A box with a heading. */
export function Card({
  title,
  lead,
  aside,
  children,
}: {
  title: string;
  lead?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <div className={styles.cardHead}>
        <h3 id={id} className={styles.cardTitle}>
          {title}
        </h3>
        {aside}
      </div>
      {lead !== undefined && <p className={styles.cardLead}>{lead}</p>}
      {children}
    </section>
  );
}

/** Fields beside each other where there is room; `data-wide` takes the whole row. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={styles.fields}>{children}</div>;
}

export function Wide({ children }: { children: ReactNode }) {
  return <div data-wide>{children}</div>;
}

export function Badge({
  tone = 'neutral',
  icon,
  children,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span className={styles.badge} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}

const MARK = {
  neutral: IconInfoCircle,
  calm: IconInfoCircle,
  risk: IconAlertTriangleFilled,
  breach: IconAlertOctagonFilled,
} as const;

/** Something to be noticed: a shape, a word and a colour. */
export function Callout({
  tone = 'neutral',
  title,
  role,
  children,
}: {
  tone?: Tone;
  title: string;
  role?: 'alert' | 'status';
  children?: ReactNode;
}) {
  const Mark = MARK[tone];
  return (
    <div className={styles.callout} data-tone={tone} role={role}>
      <p className={styles.calloutTitle}>
        <Mark size="1.1em" aria-hidden />
        {title}
      </p>
      {children}
    </div>
  );
}
