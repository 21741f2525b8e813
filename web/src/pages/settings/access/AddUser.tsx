import { Button, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../../../ui/form/Section';
import { useFault } from '../../sign-in/faults';
import styles from './Access.module.css';
import { NewPasswordField } from './NewPasswordField';
import { QueuePicker } from './QueuePicker';
import { createUser, type NewUser, type QueueRef, type Role, usersKey } from './queries';
import { RoleField } from './RoleField';

interface Form {
  readonly name: string;
  readonly password: string;
  readonly role: Role;
  readonly queues: QueueRef[] | null;
  /** Null as long as nobody chose: as usual for the role. */
  readonly numbers: boolean | null;
}

const EMPTY: Form = { name: '', password: '', role: 'viewer', queues: null, numbers: null };

export function AddUser({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [form, setForm] = useState(EMPTY);
  const set = (change: Partial<Form>) => setForm({ ...form, ...change });
  const create = useMutation({
    mutationFn: (body: NewUser) => createUser(body),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: usersKey });
      onDone();
    },
  });
  const fault = create.isError ? describe(create.error) : null;
  const error = (field: string) => (fault?.field === field ? fault.text : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { name, password, role, queues, numbers } = form;
    create.mutate({
      name: name.trim(),
      password,
      role,
      queues: role === 'admin' ? null : queues,
      sees_numbers: numbers,
    });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {fault !== null && fault.field === '' && (
        <Callout tone="breach" role="alert" title={fault.text} />
      )}
      <TextInput
        data-autofocus
        label={t('access.name')}
        description={t('access.nameHelp')}
        aria-required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={form.name}
        error={error('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <NewPasswordField
        value={form.password}
        error={error('password')}
        onChange={(password) => set({ password })}
      />
      <RoleField value={form.role} onChange={(role) => set({ role })} />
      {form.role !== 'admin' && (
        <QueuePicker value={form.queues} onChange={(queues) => set({ queues })} />
      )}
      <Switch
        label={t('access.seesNumbers')}
        description={t('access.seesNumbersHelp')}
        checked={form.numbers ?? form.role !== 'viewer'}
        onChange={(event) => set({ numbers: event.currentTarget.checked })}
      />
      <div className={styles.end}>
        <Button variant="default" onClick={onDone}>
          {t('settings.form.cancel')}
        </Button>
        <Button
          type="submit"
          loading={create.isPending}
          disabled={form.name.trim() === '' || form.password === ''}
        >
          {t('access.addUser')}
        </Button>
      </div>
    </form>
  );
}
