import type { ReactNode } from 'react';
import styles from './Wall.module.css';

interface Props {
  readonly label: string;
  readonly tone?: 'risk' | 'breached' | undefined;
  readonly children: ReactNode;
}

/** One number, to be read from six metres. */
export function Figure({ label, tone, children }: Props) {
  return (
    <li className={styles.figure} data-tone={tone}>
      <strong className={styles.value}>{children}</strong>
      <span className={styles.label}>{label}</span>
    </li>
  );
}
