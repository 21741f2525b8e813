import { Alert, Button, TextInput } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'react-router';
import { ApiError } from '../../api/client';
import { PROBLEM, type Provider, providerAddress } from '../../api/entrance';
import { sessionKey, signIn } from '../../api/queries';
import { noteSession } from '../../api/session';
import { elapsed } from '../../format/format';
import styles from './Entry.module.css';
import { EntryFrame } from './EntryFrame';
import { useFault, useFaultText } from './faults';
import { PasswordField } from './PasswordField';
import { useWait } from './use-wait';

/** Signing in; at every address, so that one comes to the page that one asked for. */
export function SignInPage({
  ended,
  provider = null,
}: {
  ended: boolean;
  provider?: Provider | null;
}) {
  const { t } = useTranslation();
  const problem = useProblem();
  return (
    <EntryFrame title={t('signIn.title')} lead={t('signIn.lead')}>
      {ended && problem === null && <Alert color="yellow">{t('signIn.ended')}</Alert>}
      {problem !== null && (
        <Alert color="orange" role="alert">
          {problem}
        </Alert>
      )}
      {provider !== null && <ProviderButton provider={provider} />}
      <SignInForm autoFocus={provider === null} />
      <p className={styles.help}>{t('signIn.forgotten')}</p>
    </EntryFrame>
  );
}

/** Why the identity provider's sign-in came to nothing; once, and not again after a reload. */
function useProblem(): string | null {
  const { t } = useTranslation();
  const words = useFaultText();
  const [params, setParams] = useSearchParams();
  const [code, setCode] = useState<string | null>(null);
  const given = params.get(PROBLEM);
  useEffect(() => {
    if (given === null) return;
    setCode(given);
    setParams(
      (before) => {
        before.delete(PROBLEM);
        return before;
      },
      { replace: true },
    );
  }, [given, setParams]);
  const shown = given ?? code;
  return shown === null ? null : (words(shown) ?? t('signIn.problem'));
}

function ProviderButton({ provider }: { provider: Provider }) {
  const { t } = useTranslation();
  const location = useLocation();
  return (
    <>
      <Button
        component="a"
        href={providerAddress(location)}
        size="md"
        leftSection={<IconBuilding size={18} aria-hidden />}
        fullWidth
      >
        {provider.label === ''
          ? t('signIn.providerPlain')
          : t('signIn.provider', { label: provider.label })}
      </Button>
      <p className={styles.or}>{t('signIn.or')}</p>
    </>
  );
}

function SignInForm({ autoFocus }: { autoFocus: boolean }) {
  const { t } = useTranslation();
  const fault = useFault();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [wait, beginWait] = useWait();
  const enter = useMutation({
    mutationFn: () => signIn(name.trim(), password),
    onSuccess: (session) => {
      noteSession(queryClient, session);
      queryClient.setQueryData(sessionKey, session);
    },
    onError: (error) => {
      setPassword('');
      if (error instanceof ApiError && error.status === 429) beginWait(error.retryAfter ?? 60);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait === 0) enter.mutate();
  };
  const locked = enter.error instanceof ApiError && enter.error.status === 429;
  return (
    <form className={styles.form} onSubmit={submit}>
      {enter.isError && !locked && (
        <Alert color="orange" role="alert">
          {fault(enter.error).text}
        </Alert>
      )}
      {locked && <LockedOut seconds={wait} />}
      <TextInput
        label={t('signIn.name')}
        name="name"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={autoFocus}
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordField label={t('signIn.password')} value={password} onChange={setPassword} />
      <Button type="submit" size="md" loading={enter.isPending} disabled={wait > 0} fullWidth>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}

/** How long somebody has to wait who tried too often; read aloud at its start and its end only. */
function LockedOut({ seconds }: { seconds: number }) {
  const { t } = useTranslation();
  return (
    <Alert color={seconds > 0 ? 'orange' : 'blue'} role="alert">
      {seconds > 0 ? (
        <>
          {t('signIn.locked')}{' '}
          <span aria-live="off">{t('signIn.wait', { time: elapsed(seconds * 1_000) })}</span>
        </>
      ) : (
        t('signIn.waitOver')
      )}
    </Alert>
  );
}
