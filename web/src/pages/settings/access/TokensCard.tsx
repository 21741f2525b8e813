import { Button, Switch, Table } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../../shell/Notice';
import { TextField } from '../../../ui/form/fields';
import { Callout, Card } from '../../../ui/form/Section';
import { useFault } from '../../sign-in/faults';
import { Loading } from '../parts/Loading';
import styles from './Access.module.css';
import { KeyName, LastUsed, Revoke, useInForce } from './Keys';
import { QueuePicker } from './QueuePicker';
import {
  createToken,
  type QueueRef,
  type Role,
  revokeToken,
  type Token,
  tokens,
  tokensKey,
} from './queries';
import { RoleField } from './RoleField';
import { SecretOnce } from './SecretOnce';
import { useQueueWords } from './words';

export function TokensCard() {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: tokensKey, queryFn: tokens });
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const { shown, toggle } = useInForce(list.data);
  return (
    <Card
      title={t('access.tokens')}
      lead={t('access.tokensHelp')}
      aside={
        <Button
          size="xs"
          leftSection={<IconPlus size={14} />}
          disabled={adding}
          onClick={() => {
            setSecret(null);
            setAdding(true);
          }}
        >
          {t('access.addToken')}
        </Button>
      }
    >
      <div className={styles.form}>
        {adding && (
          <TokenForm
            onMade={(made) => {
              setAdding(false);
              setSecret(made);
            }}
            onCancel={() => setAdding(false)}
          />
        )}
        {secret !== null && (
          <SecretOnce
            title={t('access.tokenMade')}
            text={t('access.tokenOnce')}
            secret={secret}
            onDone={() => setSecret(null)}
          />
        )}
        {list.isPending && <Loading />}
        {list.isError && list.data === undefined && (
          <ErrorNotice error={list.error} retry={() => void list.refetch()} />
        )}
        {list.data !== undefined && <TokenTable tokens={shown} />}
        {toggle}
      </div>
    </Card>
  );
}

function TokenTable({ tokens }: { tokens: readonly Token[] }) {
  const { t } = useTranslation();
  const queues = useQueueWords();
  if (tokens.length === 0) return <p className={styles.empty}>{t('access.noTokens')}</p>;
  return (
    <div className={styles.scroller}>
      <Table verticalSpacing="sm" className={styles.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('access.name')}</Table.Th>
            <Table.Th>{t('access.role')}</Table.Th>
            <Table.Th>{t('access.queues')}</Table.Th>
            <Table.Th>{t('access.numbers')}</Table.Th>
            <Table.Th>{t('access.lastUsed')}</Table.Th>
            <Table.Th>
              <span className="sr-only">{t('access.actions')}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr
              key={token.name}
              className={token.revoked_at === null ? undefined : styles.gone}
            >
              <Table.Td>
                <KeyName of={token} />
              </Table.Td>
              <Table.Td data-label={t('access.role')}>{t(`role.${token.role}`)}</Table.Td>
              <Table.Td data-label={t('access.queues')}>{queues(token.queues ?? null)}</Table.Td>
              <Table.Td data-label={t('access.numbers')}>
                {t(token.sees_numbers ? 'access.shown' : 'access.masked')}
              </Table.Td>
              <Table.Td className={styles.nowrap} data-label={t('access.lastUsed')}>
                <LastUsed at={token.last_used_at} />
              </Table.Td>
              <Table.Td>
                {token.revoked_at === null && (
                  <Revoke
                    name={token.name}
                    text={t('access.revokeToken')}
                    revoke={revokeToken}
                    listKey={tokensKey}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function TokenForm({
  onMade,
  onCancel,
}: {
  onMade: (secret: string) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [label, setLabel] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [queues, setQueues] = useState<QueueRef[] | null>(null);
  const [numbers, setNumbers] = useState(true);
  const create = useMutation({
    mutationFn: () =>
      createToken({
        name: name.trim(),
        label: label.trim(),
        role,
        queues: role === 'admin' ? null : queues,
        sees_numbers: numbers,
      }),
    onSuccess: async (secret) => {
      onMade(secret);
      await cache.invalidateQueries({ queryKey: tokensKey });
    },
  });
  const fault = create.isError ? describe(create.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={t('access.addToken')}>
      {fault !== null && fault.field !== 'name' && (
        <Callout tone="breach" role="alert" title={fault.text} />
      )}
      <TextField
        label={t('access.name')}
        help={t('access.tokenNameHelp')}
        placeholder="crm"
        value={name}
        error={fault?.field === 'name' ? fault.text : undefined}
        onChange={setName}
        required
      />
      <TextField label={t('access.label')} value={label} onChange={setLabel} />
      <RoleField value={role} onChange={setRole} />
      {role !== 'admin' && <QueuePicker value={queues} onChange={setQueues} />}
      <Switch
        label={t('access.tokenNumbers')}
        checked={numbers}
        onChange={(event) => setNumbers(event.currentTarget.checked)}
      />
      <div className={styles.end}>
        <Button variant="default" onClick={onCancel}>
          {t('settings.form.cancel')}
        </Button>
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
          {t('access.addToken')}
        </Button>
      </div>
    </form>
  );
}
