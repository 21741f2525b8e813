import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { sessionKey, signIn } from '../../api/queries';
import { SchemeSwitch } from '../../shell/AppBar';
import { LanguageSwitch } from '../../shell/LanguageSwitch';
import { Logo } from '../../shell/Logo';
import { useErrorText } from '../../shell/Notice';
import styles from './SignInPage.module.css';

export function SignInPage({ ended }: { ended: boolean }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t('signIn.title')} – ${t('app.name')}`;
  }, [t]);
  return (
    <main className={styles.page}>
      <div className={styles.tools}>
        <LanguageSwitch />
        <SchemeSwitch />
      </div>
      <div className={styles.card}>
        <h1 className={styles.brand}>
          <Logo /> {t('app.name')}
        </h1>
        <p className={styles.lead}>{t('signIn.lead')}</p>
        {ended && <Alert color="yellow">{t('signIn.ended')}</Alert>}
        <SignInForm />
        <p className={styles.help}>{t('signIn.forgotten')}</p>
      </div>
    </main>
  );
}

function SignInForm() {
  const { t } = useTranslation();
  const text = useErrorText();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const enter = useMutation({
    mutationFn: () => signIn(name.trim(), password),
    onSuccess: (session) => queryClient.setQueryData(sessionKey, session),
    onError: () => setPassword(''),
  });
  const fields = enter.error instanceof ApiError ? enter.error.fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {enter.isError && (
        <Alert color="orange" role="alert">
          {text(enter.error)}
        </Alert>
      )}
      <TextInput
        label={t('signIn.name')}
        name="name"
        autoComplete="username"
        autoFocus
        required
        withAsterisk={false}
        value={name}
        error={fields.name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('signIn.password')}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        error={fields.password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" loading={enter.isPending} fullWidth>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
