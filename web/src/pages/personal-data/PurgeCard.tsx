import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { Confirm } from '../../ui/form/Confirm';
import { Callout, Card } from '../../ui/form/Section';
import { useFault } from './faults';
import styles from './Personal.module.css';
import { type PersonalData, personalKey, purgeNow } from './queries';
import { useKindName } from './words';

export function PurgeCard({ found, stale }: { found: PersonalData; stale: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const cache = useQueryClient();
  const fault = useFault();
  const name = useKindName();
  const [asking, setAsking] = useState(false);
  const purge = useMutation({
    mutationFn: purgeNow,
    onSuccess: () => setAsking(false),
    onSettled: () => cache.invalidateQueries({ queryKey: personalKey }),
  });
  const { last_purge: last, running, problem } = found;
  const ending = found.kinds.filter(({ settable, days }) => settable && days !== null);
  const waiting = found.kinds.filter(({ waiting_days }) => waiting_days > 0);
  return (
    <Card
      title={t('personal.purge.title')}
      aside={
        <Button
          variant="default"
          disabled={running || problem !== ''}
          onClick={() => {
            purge.reset();
            setAsking(true);
          }}
        >
          {t('personal.purge.now')}
        </Button>
      }
    >
      {problem !== '' && (
        <Callout tone="breach" role="alert" title={t('personal.purge.problem')}>
          <p lang="en">{problem}</p>
        </Callout>
      )}
      {stale && <p role="alert">{t('personal.stale')}</p>}
      <p role="status">
        {running
          ? t('personal.purge.running')
          : last === null
            ? t('personal.purge.never')
            : t('personal.purge.last', {
                time: format.dateTime(Date.parse(last.at)),
                by: last.via === 'monitor' ? t('personal.purge.itself') : last.by,
              })}
      </p>
      {last !== null && (
        <p className={styles.note}>
          {Object.keys(last.removed).length === 0
            ? t('personal.purge.nothing')
            : Object.entries(last.removed)
                .map(([kind, rows]) => `${name(kind)} ${format.integer(rows)}`)
                .join(' · ')}
        </p>
      )}
      <p className={styles.note}>
        {t('personal.purge.next', { time: format.dateTime(Date.parse(found.next_purge)) })}{' '}
        {found.rewrite_due && t('personal.purge.rewrite')}
      </p>
      {waiting.length > 0 && (
        <p className={styles.note}>
          {t('personal.purge.waiting', {
            count: Math.max(...waiting.map(({ waiting_days }) => waiting_days)),
          })}
        </p>
      )}
      <Confirm
        opened={asking}
        title={t('personal.purge.ask')}
        yes={t('personal.purge.now')}
        danger
        busy={purge.isPending}
        error={purge.isError ? fault(purge.error) : undefined}
        onYes={() => purge.mutate()}
        onClose={() => setAsking(false)}
      >
        <p>{t('personal.purge.means')}</p>
        <ul className={styles.ending}>
          {ending.map(({ kind, days }) => (
            <li key={kind}>{t('personal.purge.older', { kind: name(kind), count: days ?? 0 })}</li>
          ))}
        </ul>
        <p>{t('personal.purge.final')}</p>
      </Confirm>
    </Card>
  );
}
