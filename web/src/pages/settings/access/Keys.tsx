/** What the lists of tokens and of devices have in common. */
import { Button, Checkbox } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../format/use-format';
import { Confirm } from '../../../ui/form/Confirm';
import { Badge } from '../../../ui/form/Section';
import { useFault } from '../../sign-in/faults';
import styles from './Access.module.css';

interface Key {
  readonly name: string;
  readonly label: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly revoked_at: string | null;
}

/** Those in force; the revoked ones too where somebody wants to see them. */
export function useInForce<T extends Key>(
  keys: readonly T[] | undefined,
): { shown: readonly T[]; toggle: React.ReactNode } {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const revoked = keys?.filter((key) => key.revoked_at !== null).length ?? 0;
  return {
    shown: (keys ?? []).filter((key) => all || key.revoked_at === null),
    toggle: revoked > 0 && (
      <Checkbox
        size="sm"
        label={t('access.showRevoked', { count: revoked })}
        checked={all}
        onChange={(event) => setAll(event.currentTarget.checked)}
      />
    ),
  };
}

export function KeyName({ of }: { of: Key }) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = format.dateTime(Date.parse(of.created_at));
  return (
    <>
      <div className={styles.badges}>
        <span className={styles.name}>{of.name}</span>
        {of.revoked_at !== null && <Badge>{t('access.revoked')}</Badge>}
      </div>
      <div className={styles.dim}>
        {of.label !== '' && (
          <>
            {of.label}
            <br />
          </>
        )}
        {of.created_by === ''
          ? t('access.madeAt', { at })
          : t('access.madeAtBy', { at, by: of.created_by })}
      </div>
    </>
  );
}

export function LastUsed({ at }: { at: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (at === null) return <span className={styles.dim}>{t('access.never')}</span>;
  return format.dateTime(Date.parse(at));
}

export function Revoke({
  name,
  text,
  revoke,
  listKey,
}: {
  name: string;
  text: string;
  revoke: (name: string) => Promise<void>;
  listKey: readonly string[];
}) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [asks, setAsks] = useState(false);
  const sending = useMutation({
    mutationFn: () => revoke(name),
    onSuccess: async () => {
      setAsks(false);
      await cache.invalidateQueries({ queryKey: listKey });
    },
  });
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={t('access.revokeName', { name })}
        onClick={() => setAsks(true)}
      >
        {t('access.revoke')}
      </Button>
      <Confirm
        opened={asks}
        title={t('access.revokeTitle', { name })}
        yes={t('access.revoke')}
        danger
        busy={sending.isPending}
        error={sending.isError ? describe(sending.error).text : undefined}
        onYes={() => sending.mutate()}
        onClose={() => {
          setAsks(false);
          sending.reset();
        }}
      >
        <p>{text}</p>
      </Confirm>
    </>
  );
}
