import { Button, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Section.module.css';

/** Asks before something that others will feel. What will happen stands in `children`. */
export function Confirm({
  opened,
  title,
  yes,
  danger = false,
  busy = false,
  error,
  onYes,
  onClose,
  children,
}: {
  opened: boolean;
  title: string;
  yes: string;
  danger?: boolean;
  busy?: boolean;
  error?: string | undefined;
  onYes: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      // It would write a style element, which the page's policy forbids.
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t('settings.form.close') }}
    >
      <div className={styles.section}>
        {children}
        {error !== undefined && <p role="alert">{error}</p>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('settings.form.cancel')}
          </Button>
          <Button {...(danger ? { color: 'red' } : {})} loading={busy} onClick={onYes}>
            {yes}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}
