/** One version of the policy: what was promised when, for who asks why a call was judged so. */
import { Loader, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { ApiError } from '../../api/client';
import type { Policy } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { ErrorNotice, Notice } from '../../shell/Notice';
import { useTitle } from '../../shell/use-title';
import styles from './Calls.module.css';
import { PolicyHours } from './PolicyHours';
import { policyKey, policyOf } from './queries';

export default function PolicyPage() {
  const { t } = useTranslation();
  const version = Number(useParams().version);
  const known = Number.isSafeInteger(version) && version > 0;
  useTitle(t('policy.title', { version: known ? version : '?' }));
  const policy = useQuery({
    queryKey: policyKey(version),
    queryFn: () => policyOf(version),
    enabled: known,
  });
  const gone = !known || (policy.error instanceof ApiError && policy.error.status === 404);
  return (
    <main id="content" className={styles.page}>
      {gone && <Notice>{t('policy.missing')}</Notice>}
      {!gone && policy.isPending && (
        <Notice>
          <Loader aria-label={t('app.loading')} />
        </Notice>
      )}
      {!gone && policy.isError && policy.data === undefined && (
        <ErrorNotice error={policy.error} retry={() => void policy.refetch()} />
      )}
      {policy.data !== undefined && <Version policy={policy.data} />}
    </main>
  );
}

function Version({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  const format = useFormat();
  const moment = (at: string) => format.dateTime(Date.parse(at));
  const by = policy.set_by === 'configuration' ? t('policy.file') : policy.set_by;
  return (
    <>
      <header>
        <h1 className={styles.title}>{t('policy.title', { version: policy.version })}</h1>
        <p className={styles.note}>{t('policy.lead')}</p>
        <p>
          {t('policy.setBy', { by, at: moment(policy.set_at) })}{' '}
          {policy.replaced_at === null
            ? t('policy.inForce')
            : t('policy.until', { at: moment(policy.replaced_at) })}
        </p>
      </header>
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Commitment policy={policy} />
          <Queues policy={policy} />
        </div>
        <div className={styles.stack}>
          <VoiceServers policy={policy} />
          <PolicyHours policy={policy} />
          <Excluded policy={policy} />
        </div>
      </div>
      <p className={styles.note}>
        {t('policy.fingerprint')} <code>{policy.sha256}</code>
      </p>
    </>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.block}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Pairs of a name and a value. */
function Facts({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <dl className={styles.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const seconds = (value: number): string => span(value * 1_000);

function Commitment({ policy: { commitment } }: { policy: Policy }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Block title={t('policy.commitment')}>
      <Facts
        rows={[
          [t('policy.within'), seconds(commitment.within_s)],
          [t('settings.field.starts_on'), t(`settings.value.starts_on_${commitment.starts_on}`)],
          [t('settings.field.at_risk_after'), seconds(commitment.at_risk_after_s)],
          [t('settings.field.short_abandon'), seconds(commitment.short_abandon_s)],
          [
            t('settings.field.target'),
            commitment.target === null ? t('policy.none') : format.percent(commitment.target),
          ],
          [t('settings.field.service_level'), t(`formula.${commitment.service_level}`)],
        ]}
      />
    </Block>
  );
}

function Queues({ policy }: { policy: Policy }) {
  const { t } = useTranslation();
  const format = useFormat();
  const fields = [
    'queue',
    'within',
    'at_risk_after',
    'target',
    'service_level',
    'calendar',
  ] as const;
  if (policy.queues.length === 0) {
    return <Block title={t('policy.queues')}>{t('policy.queuesNone')}</Block>;
  }
  return (
    <Block title={t('policy.queues')}>
      <div className={styles.scroller}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {fields.map((name) => (
                <Table.Th key={name}>{t(`settings.field.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {policy.queues.map((queue) => (
              <Table.Tr key={`${queue.pbx}/${queue.queue}`}>
                <Table.Td>
                  {queue.label || queue.queue}{' '}
                  <span className={styles.note}>{queue.pbx || t('policy.everyPbx')}</span>
                </Table.Td>
                <Table.Td>{seconds(queue.within_s)}</Table.Td>
                <Table.Td>{seconds(queue.at_risk_after_s)}</Table.Td>
                <Table.Td>
                  {queue.target === null ? t('policy.none') : format.percent(queue.target)}
                </Table.Td>
                <Table.Td>{t(`formula.${queue.service_level}`)}</Table.Td>
                <Table.Td>{queue.calendar || t('policy.centre')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Block>
  );
}

function VoiceServers({ policy: { voice_servers } }: { policy: Policy }) {
  const { t } = useTranslation();
  if (voice_servers.length === 0) {
    return <Block title={t('policy.voiceServers')}>{t('policy.voiceServersNone')}</Block>;
  }
  return (
    <Block title={t('policy.voiceServers')}>
      <Facts
        rows={voice_servers.map((server) => [
          server.name,
          [
            t(`settings.value.counts_when_${server.counts_when}`),
            [...server.contexts, ...server.stasis_apps].join(', '),
          ]
            .filter((part) => part !== '')
            .join(' · '),
        ])}
      />
    </Block>
  );
}

/** Whose calls are excluded; for those alone who may see numbers. */
function Excluded({ policy: { test_numbers, internal_numbers } }: { policy: Policy }) {
  const { t } = useTranslation();
  const list = (numbers: readonly string[] | null) => {
    if (numbers === null) return t('policy.hidden');
    return numbers.length === 0 ? t('policy.none') : numbers.join(', ');
  };
  return (
    <Block title={t('policy.excluded')}>
      <Facts
        rows={[
          [t('settings.field.test_numbers'), list(test_numbers)],
          [t('settings.field.internal_numbers'), list(internal_numbers)],
        ]}
      />
    </Block>
  );
}
