import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { i18next } from '../i18n';
import styles from './Notice.module.css';

/** A fault in the page itself: better to show nothing than a board that has stopped. */
export class Crash extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    return (
      <main className={styles.notice} role="alert">
        <p>{i18next.t('error.crash')}</p>
        <Button onClick={() => window.location.reload()}>{i18next.t('error.reload')}</Button>
      </main>
    );
  }
}
