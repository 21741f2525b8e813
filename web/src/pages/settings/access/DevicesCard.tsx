import { Button, Table } from '@mantine/core';
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
  createDevice,
  type Device,
  devices,
  devicesKey,
  type QueueRef,
  revokeDevice,
} from './queries';
import { SecretOnce } from './SecretOnce';
import { useQueueWords } from './words';

export function DevicesCard() {
  const { t } = useTranslation();
  const list = useQuery({ queryKey: devicesKey, queryFn: devices });
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const { shown, toggle } = useInForce(list.data);
  return (
    <Card
      title={t('access.devices')}
      lead={t('access.devicesHelp')}
      aside={
        <Button
          size="xs"
          leftSection={<IconPlus size={14} />}
          disabled={adding}
          onClick={() => {
            setLink(null);
            setAdding(true);
          }}
        >
          {t('access.addDevice')}
        </Button>
      }
    >
      <div className={styles.form}>
        {adding && (
          <DeviceForm
            onMade={(made) => {
              setAdding(false);
              setLink(made);
            }}
            onCancel={() => setAdding(false)}
          />
        )}
        {link !== null && (
          <SecretOnce
            title={t('access.deviceMade')}
            text={t('access.deviceOnce')}
            secret={link}
            onDone={() => setLink(null)}
          />
        )}
        {list.isPending && <Loading />}
        {list.isError && list.data === undefined && (
          <ErrorNotice error={list.error} retry={() => void list.refetch()} />
        )}
        {list.data !== undefined && <DeviceTable devices={shown} />}
        {toggle}
      </div>
    </Card>
  );
}

function DeviceTable({ devices }: { devices: readonly Device[] }) {
  const { t } = useTranslation();
  const queues = useQueueWords();
  if (devices.length === 0) return <p className={styles.empty}>{t('access.noDevices')}</p>;
  return (
    <div className={styles.scroller}>
      <Table verticalSpacing="sm" className={styles.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('access.name')}</Table.Th>
            <Table.Th>{t('access.queues')}</Table.Th>
            <Table.Th>{t('access.screens')}</Table.Th>
            <Table.Th>{t('access.lastSeen')}</Table.Th>
            <Table.Th>
              <span className="sr-only">{t('access.actions')}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {devices.map((device) => (
            <Table.Tr
              key={device.name}
              className={device.revoked_at === null ? undefined : styles.gone}
            >
              <Table.Td>
                <KeyName of={device} />
              </Table.Td>
              <Table.Td data-label={t('access.queues')}>{queues(device.queues ?? null)}</Table.Td>
              <Table.Td data-label={t('access.screens')}>{device.sessions}</Table.Td>
              <Table.Td className={styles.nowrap} data-label={t('access.lastSeen')}>
                <LastUsed at={device.last_seen_at} />
              </Table.Td>
              <Table.Td>
                {device.revoked_at === null && (
                  <Revoke
                    name={device.name}
                    text={t('access.revokeDevice')}
                    revoke={revokeDevice}
                    listKey={devicesKey}
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

function DeviceForm({
  onMade,
  onCancel,
}: {
  onMade: (link: string) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const describe = useFault();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [label, setLabel] = useState('');
  const [queues, setQueues] = useState<QueueRef[] | null>(null);
  const create = useMutation({
    mutationFn: () => createDevice({ name: name.trim(), label: label.trim(), queues }),
    onSuccess: async (link) => {
      onMade(link);
      await cache.invalidateQueries({ queryKey: devicesKey });
    },
  });
  const fault = create.isError ? describe(create.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit} aria-label={t('access.addDevice')}>
      {fault !== null && fault.field !== 'name' && (
        <Callout tone="breach" role="alert" title={fault.text} />
      )}
      <TextField
        label={t('access.name')}
        placeholder="hall"
        value={name}
        error={fault?.field === 'name' ? fault.text : undefined}
        onChange={setName}
        required
      />
      <TextField label={t('access.where')} value={label} onChange={setLabel} />
      <QueuePicker value={queues} onChange={setQueues} />
      <div className={styles.end}>
        <Button variant="default" onClick={onCancel}>
          {t('settings.form.cancel')}
        </Button>
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
          {t('access.addDevice')}
        </Button>
      </div>
    </form>
  );
}
