import { Button } from '@mantine/core';
import { IconDice5 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '../../../ui/form/fields';
import { PasswordField } from '../../sign-in/PasswordField';
import styles from './Access.module.css';

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 4;

/** A password that is easily read out and typed: four groups of four, 79 bits. */
export function randomPassword(): string {
  const pick = () => {
    // Rejected where it would favour some letters.
    for (;;) {
      const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
      if (byte < 256 - (256 % LETTERS.length)) return LETTERS[byte % LETTERS.length];
    }
  };
  return Array.from({ length: GROUPS }, () => Array.from({ length: 4 }, pick).join('')).join('-');
}

/** A password for somebody else: typed, or suggested and then shown, to be passed on. */
export function NewPasswordField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}) {
  const { t } = useTranslation();
  const [suggested, setSuggested] = useState(false);
  const suggest = () => {
    setSuggested(true);
    onChange(randomPassword());
  };
  return (
    <div className={styles.password}>
      {suggested ? (
        <TextField
          label={t('access.password')}
          help={t('access.passwordPassOn')}
          value={value}
          error={error}
          onChange={onChange}
          required
        />
      ) : (
        <PasswordField
          label={t('access.password')}
          description={t('access.passwordHelp')}
          kind="new-password"
          name="new-password"
          value={value}
          error={error}
          onChange={onChange}
        />
      )}
      <Button variant="default" leftSection={<IconDice5 size={16} aria-hidden />} onClick={suggest}>
        {t('access.suggest')}
      </Button>
    </div>
  );
}
