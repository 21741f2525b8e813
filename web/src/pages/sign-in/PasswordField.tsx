import { PasswordInput } from '@mantine/core';
import { IconArrowBigUpLine } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Entry.module.css';

/** A password, with a word where capitals are locked: what is typed cannot be seen. */
export function PasswordField({
  label,
  value,
  onChange,
  name = 'password',
  kind = 'current-password',
  description,
  error,
  disabled = false,
  autoFocus = false,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  name?: string;
  kind?: 'current-password' | 'new-password';
  description?: string;
  error?: string | undefined;
  disabled?: boolean;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  const [locked, setLocked] = useState(false);
  const look = (event: KeyboardEvent) => setLocked(event.getModifierState('CapsLock'));
  return (
    <div>
      <PasswordInput
        label={label}
        name={name}
        autoComplete={kind}
        required
        withAsterisk={false}
        disabled={disabled}
        autoFocus={autoFocus}
        value={value}
        {...(description === undefined ? {} : { description })}
        {...(error === undefined ? {} : { error })}
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={look}
        onKeyUp={look}
        onBlur={() => setLocked(false)}
      />
      <div role="status">
        {locked && (
          <p className={styles.hint}>
            <IconArrowBigUpLine size={16} aria-hidden /> {t('signIn.capsLock')}
          </p>
        )}
      </div>
    </div>
  );
}
