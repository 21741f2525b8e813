import { Alert, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { elapsed } from '../../format/format';
import { Card } from '../../ui/form/Section';
import { useFault } from '../sign-in/faults';
import { PasswordField } from '../sign-in/PasswordField';
import { useWait } from '../sign-in/use-wait';
import styles from './Account.module.css';
import { changePassword, sessionsKey } from './queries';

const EMPTY = { old: '', fresh: '', again: '' };

export function OwnPassword() {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [form, setForm] = useState(EMPTY);
  const [differs, setDiffers] = useState(false);
  const [wait, beginWait] = useWait();
  const change = useMutation({
    mutationFn: () => changePassword(form.old, form.fresh),
    onSuccess: async () => {
      setForm(EMPTY);
      await cache.invalidateQueries({ queryKey: sessionsKey });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 429) beginWait(error.retryAfter ?? 60);
    },
  });
  const fault = change.isError ? describe(change.error) : null;
  const error = (field: string) => (fault?.field === field ? fault.text : undefined);
  const set = (next: Partial<typeof form>) => setForm({ ...form, ...next });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const same = form.fresh === form.again;
    setDiffers(!same);
    if (same && wait === 0) change.mutate();
  };
  return (
    <Card title={t('account.password')} lead={t('account.passwordLead')}>
      <form className={styles.form} onSubmit={submit}>
        {fault !== null && fault.field === '' && (
          <Alert color="orange" role="alert">
            {fault.text}{' '}
            {wait > 0 && (
              <span aria-live="off">{t('signIn.wait', { time: elapsed(wait * 1_000) })}</span>
            )}
          </Alert>
        )}
        <PasswordField
          label={t('account.oldPassword')}
          name="old-password"
          value={form.old}
          error={error('old_password')}
          onChange={(old) => set({ old })}
        />
        <PasswordField
          label={t('account.newPassword')}
          description={t('access.passwordHelp')}
          kind="new-password"
          name="new-password"
          value={form.fresh}
          error={error('password')}
          onChange={(fresh) => set({ fresh })}
        />
        <PasswordField
          label={t('access.again')}
          kind="new-password"
          name="again"
          value={form.again}
          error={differs && form.fresh !== form.again ? t('access.differs') : undefined}
          onChange={(again) => set({ again })}
        />
        <div>
          <Button type="submit" loading={change.isPending} disabled={wait > 0}>
            {t('account.changePassword')}
          </Button>
        </div>
        <p role="status">{change.isSuccess && t('account.passwordChanged')}</p>
      </form>
    </Card>
  );
}
