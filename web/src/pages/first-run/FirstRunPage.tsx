import { Alert, Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { setUp, waysKey } from '../../api/entrance';
import { sessionKey } from '../../api/queries';
import { elapsed } from '../../format/format';
import styles from '../sign-in/Entry.module.css';
import { EntryFrame } from '../sign-in/EntryFrame';
import { useFault } from '../sign-in/faults';
import { PasswordField } from '../sign-in/PasswordField';
import { useWait } from '../sign-in/use-wait';

/** The first run: whoever has the code from the server's log creates the first admin. */
export default function FirstRunPage() {
  const { t } = useTranslation();
  return (
    <EntryFrame title={t('firstRun.title')} lead={t('firstRun.lead')}>
      <FirstAdminForm />
    </EntryFrame>
  );
}

function FirstAdminForm() {
  const { t } = useTranslation();
  const describe = useFault();
  const queryClient = useQueryClient();
  const [form, setForm] = useState({ code: '', name: '', password: '', again: '' });
  const [differs, setDiffers] = useState(false);
  const [wait, beginWait] = useWait();
  const create = useMutation({
    mutationFn: () => setUp(form.code, form.name.trim(), form.password),
    onSuccess: (session) => queryClient.setQueryData(sessionKey, session),
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      if (error.status === 429) beginWait(error.retryAfter ?? 60);
      if (error.code === 'not_first') void queryClient.invalidateQueries({ queryKey: waysKey });
    },
  });
  const fault = create.isError ? describe(create.error) : null;
  const error = (field: string) => (fault?.field === field ? fault.text : undefined);
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const same = form.password === form.again;
    setDiffers(!same);
    if (same && wait === 0) create.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {fault !== null && fault.field === '' && (
        <Alert color="orange" role="alert">
          {fault.text}{' '}
          {wait > 0 && (
            <span aria-live="off">{t('signIn.wait', { time: elapsed(wait * 1_000) })}</span>
          )}
        </Alert>
      )}
      <TextInput
        label={t('firstRun.code')}
        description={t('firstRun.codeHelp')}
        placeholder="XXXX-XXXX-XXXX"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
        value={form.code}
        error={error('code')}
        onChange={(event) => set({ code: event.currentTarget.value })}
      />
      <TextInput
        label={t('firstRun.name')}
        name="name"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        value={form.name}
        error={error('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <PasswordField
        label={t('firstRun.password')}
        description={t('access.passwordHelp')}
        kind="new-password"
        value={form.password}
        error={error('password')}
        onChange={(password) => set({ password })}
      />
      <PasswordField
        label={t('access.again')}
        name="again"
        kind="new-password"
        value={form.again}
        error={differs && form.password !== form.again ? t('access.differs') : undefined}
        onChange={(again) => set({ again })}
      />
      <Button type="submit" size="md" loading={create.isPending} disabled={wait > 0} fullWidth>
        {t('firstRun.submit')}
      </Button>
    </form>
  );
}
