import { IconChevronDown } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { NavLink, useLocation } from 'react-router';
import styles from './NavGroup.module.css';

interface Props {
  readonly title: string;
  readonly links: readonly { readonly to: string; readonly label: string }[];
}

/** Pages that belong together, behind one button; in the menu of a narrow screen, below a title. */
export function NavGroup({ title, links }: Props) {
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes it
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
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  const here = links.some(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape from anywhere inside closes it
    <div
      ref={place}
      className={styles.group}
      onKeyDown={leave}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        className={styles.button}
        data-here={here}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {title} <IconChevronDown size="0.95em" aria-hidden />
      </button>
      <p className={styles.title}>{title}</p>
      <div id={id} className={styles.links} data-open={open}>
        {links.map(({ to, label }) => (
          <NavLink key={to} to={to}>
            {label}
          </NavLink>
        ))}
      </div>
    </div>
  );
}
