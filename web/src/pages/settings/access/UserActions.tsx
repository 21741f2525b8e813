import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Confirm } from '../../../ui/form/Confirm';
import { Callout, Card } from '../../../ui/form/Section';
import { useFault } from '../../sign-in/faults';
import styles from './Access.module.css';
import { NewPasswordField } from './NewPasswordField';
import { deleteUser, endSessions, setPassword, type User, usersKey } from './queries';

/** What can be done about a user beside changing what they may. */
export function UserActions({ user, onGone }: { user: User; onGone: () => void }) {
  const { t } = useTranslation();
  return (
    <Card title={t('access.actions')}>
      <div className={styles.rows}>
        {user.has_password && <PasswordRow user={user} />}
        <SessionsRow user={user} />
        <RemoveRow user={user} onGone={onGone} />
      </div>
    </Card>
  );
}

function PasswordRow({ user }: { user: User }) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [open, setOpen] = useState(false);
  const [password, setTyped] = useState('');
  const change = useMutation({
    mutationFn: () => setPassword(user.name, password),
    onSuccess: () => cache.invalidateQueries({ queryKey: usersKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const fault = change.isError ? describe(change.error) : null;
  if (!open) {
    return (
      <div className={styles.row}>
        <p>{t('access.resetHelp')}</p>
        <Button variant="default" onClick={() => setOpen(true)}>
          {t('access.reset')}
        </Button>
      </div>
    );
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {fault !== null && fault.field === '' && (
        <Callout tone="breach" role="alert" title={fault.text} />
      )}
      <NewPasswordField
        value={password}
        error={fault?.field === 'password' ? fault.text : undefined}
        onChange={(typed) => {
          setTyped(typed);
          change.reset();
        }}
      />
      <div className={styles.end}>
        <span className={styles.dim} role="status">
          {change.isSuccess && t('access.resetDone')}
        </span>
        <Button
          variant="default"
          onClick={() => {
            setOpen(false);
            setTyped('');
            change.reset();
          }}
        >
          {t('settings.form.close')}
        </Button>
        <Button
          type="submit"
          loading={change.isPending}
          disabled={password === '' || change.isSuccess}
        >
          {t('access.reset')}
        </Button>
      </div>
    </form>
  );
}

function SessionsRow({ user }: { user: User }) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const end = useMutation({
    mutationFn: () => endSessions(user.name),
    onSuccess: () => cache.invalidateQueries({ queryKey: usersKey }),
  });
  return (
    <div className={styles.row}>
      <p role="status">
        {end.isError
          ? describe(end.error).text
          : end.isSuccess
            ? t('access.ended', { count: end.data })
            : user.sessions === 0
              ? t('access.notSignedIn')
              : t('access.signedInWith', { count: user.sessions })}
      </p>
      <Button
        variant="default"
        loading={end.isPending}
        disabled={user.sessions === 0}
        onClick={() => end.mutate()}
      >
        {t('access.endSessions')}
      </Button>
    </div>
  );
}

function RemoveRow({ user, onGone }: { user: User; onGone: () => void }) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [asks, setAsks] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteUser(user.name),
    onSuccess: async () => {
      onGone();
      await cache.invalidateQueries({ queryKey: usersKey });
    },
  });
  return (
    <div className={styles.row}>
      <p>{t('access.removeHelp')}</p>
      <Button variant="default" color="red" onClick={() => setAsks(true)}>
        {t('access.remove')}
      </Button>
      <Confirm
        opened={asks}
        title={t('access.removeTitle', { name: user.name })}
        yes={t('access.remove')}
        danger
        busy={remove.isPending}
        error={remove.isError ? describe(remove.error).text : undefined}
        onYes={() => remove.mutate()}
        onClose={() => {
          setAsks(false);
          remove.reset();
        }}
      >
        <p>{t('access.removeText')}</p>
      </Confirm>
    </div>
  );
}
