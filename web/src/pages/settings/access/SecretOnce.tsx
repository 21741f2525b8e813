import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../../../ui/form/Section';
import styles from './Access.module.css';

/** Something that is shown this once, with a button that copies it. */
export function SecretOnce({
  title,
  text,
  secret,
  onDone,
}: {
  title: string;
  text: string;
  secret: string;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Callout tone="calm" title={title} role="status">
      <p>{text}</p>
      <div className={styles.secret}>
        <code>{secret}</code>
        <CopyButton value={secret} timeout={4_000}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            >
              {copied ? t('access.copied') : t('access.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
      <div className={styles.end}>
        <Button variant="subtle" onClick={onDone}>
          {t('access.stored')}
        </Button>
      </div>
    </Callout>
  );
}
