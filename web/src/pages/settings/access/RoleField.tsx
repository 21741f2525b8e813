import { Radio } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import styles from './Access.module.css';
import type { Role } from './queries';

const ROLES = ['viewer', 'lead', 'admin'] as const;

/** A role, and what each may do. */
export function RoleField({
  value,
  onChange,
  disabled = false,
  note,
}: {
  value: Role;
  onChange: (role: Role) => void;
  disabled?: boolean;
  note?: string | undefined;
}) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      label={t('access.role')}
      value={value}
      onChange={(chosen) => onChange(chosen as Role)}
      {...(note === undefined ? {} : { description: note })}
    >
      <div className={styles.roles}>
        {ROLES.map((role) => (
          <Radio.Card
            key={role}
            value={role}
            className={styles.role}
            disabled={disabled}
            aria-label={t(`role.${role}`)}
            aria-describedby={`role-${role}`}
          >
            <Radio.Indicator disabled={disabled} />
            <span>
              <strong>{t(`role.${role}`)}</strong>
              <small id={`role-${role}`}>{t(`access.roleHelp.${role}`)}</small>
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
