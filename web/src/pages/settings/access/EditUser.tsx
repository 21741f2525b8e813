import { Button, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionKey } from '../../../api/queries';
import { useFormat } from '../../../format/use-format';
import { useSession } from '../../../shell/use-session';
import { Callout } from '../../../ui/form/Section';
import { isSame } from '../../../ui/form/same';
import { useFault } from '../../sign-in/faults';
import styles from './Access.module.css';
import { QueuePicker } from './QueuePicker';
import { changeUser, type QueueRef, type Role, type User, usersKey } from './queries';
import { RoleField } from './RoleField';
import { UserActions } from './UserActions';

interface Form {
  readonly role: Role;
  readonly queues: QueueRef[] | null;
  readonly numbers: boolean;
  readonly disabled: boolean;
}

const formOf = (user: User): Form => ({
  role: user.role,
  queues: user.queues ?? null,
  numbers: user.sees_numbers,
  disabled: user.disabled,
});

export function EditUser({ user, onDone }: { user: User; onDone: () => void }) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const own = useSession()?.name === user.name;
  const [form, setForm] = useState(() => formOf(user));
  const set = (change: Partial<Form>) => setForm({ ...form, ...change });
  const save = useMutation({
    mutationFn: () =>
      changeUser(user.name, {
        ...(form.role === user.role ? {} : { role: form.role }),
        queues: form.queues,
        sees_numbers: form.numbers,
        disabled: form.disabled,
      }),
    onSuccess: async (saved) => {
      setForm(formOf(saved));
      await cache.invalidateQueries({ queryKey: usersKey });
      if (own) await cache.invalidateQueries({ queryKey: sessionKey });
    },
  });
  const dirty = !isSame(form, formOf(user));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className={styles.form}>
      <UserFacts user={user} />
      <form className={styles.form} onSubmit={submit}>
        {save.isError && <Callout tone="breach" role="alert" title={describe(save.error).text} />}
        <RoleField
          value={form.role}
          onChange={(role) => set({ role })}
          disabled={user.issuer !== null}
          note={user.issuer === null ? undefined : t('access.roleFromProvider')}
        />
        {form.role !== 'admin' && (
          <QueuePicker value={form.queues} onChange={(queues) => set({ queues })} />
        )}
        <Switch
          label={t('access.seesNumbers')}
          description={t('access.seesNumbersHelp')}
          checked={form.numbers}
          onChange={(event) => set({ numbers: event.currentTarget.checked })}
        />
        <Switch
          label={t('access.maySignIn')}
          description={t('access.maySignInHelp')}
          checked={!form.disabled}
          onChange={(event) => set({ disabled: !event.currentTarget.checked })}
        />
        <div className={styles.end}>
          <span className={styles.dim} role="status">
            {save.isSuccess && !dirty && t('settings.form.saved')}
          </span>
          <Button type="submit" loading={save.isPending} disabled={!dirty}>
            {t('settings.form.save')}
          </Button>
        </div>
      </form>
      <UserActions user={user} onGone={onDone} />
    </div>
  );
}

function UserFacts({ user }: { user: User }) {
  const { t } = useTranslation();
  const format = useFormat();
  const moment = (at: string) => format.dateTime(Date.parse(at));
  return (
    <dl className={styles.facts}>
      <dt>{t('access.created')}</dt>
      <dd>
        {user.created_by === ''
          ? moment(user.created_at)
          : t('access.atBy', { at: moment(user.created_at), by: user.created_by })}
      </dd>
      <dt>{t('access.lastSignIn')}</dt>
      <dd>{user.last_sign_in_at === null ? t('access.never') : moment(user.last_sign_in_at)}</dd>
      <dt>{t('access.signsInBy')}</dt>
      <dd>{user.issuer ?? t('access.ownPassword')}</dd>
    </dl>
  );
}
