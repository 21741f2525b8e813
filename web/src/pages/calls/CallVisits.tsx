import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CallDetail, Visit } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useQueueLabel } from '../../ui/queue-label';
import styles from './Calls.module.css';

export function CallVisits({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  return (
    <section className={styles.block}>
      <h2>{t('call.visits')}</h2>
      {call.visits.length === 0 ? (
        <p className={styles.none}>{t('call.noVisits')}</p>
      ) : (
        <div className={styles.scroller}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {(
                  ['queue', 'joined', 'wait', 'exit', 'talk', 'offers', 'missedOffers'] as const
                ).map((name) => (
                  <Table.Th key={name}>{t(`call.${name}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {call.visits.map((visit) => (
                <VisitLine key={`${visit.queue} ${visit.joined_at}`} visit={visit} />
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </section>
  );
}

function VisitLine({ visit }: { visit: Visit }) {
  const { t } = useTranslation();
  const label = useQueueLabel();
  const format = useFormat();
  const seconds = (value: number | null) => (value === null ? '–' : format.seconds(value));
  return (
    <Table.Tr>
      <Table.Td>{label(visit.queue)}</Table.Td>
      <Table.Td>{format.time(Date.parse(visit.joined_at))}</Table.Td>
      <Table.Td>{seconds(visit.wait_s)}</Table.Td>
      <Table.Td>
        {t(`exit.${visit.exit ?? 'open'}`)}
        {visit.agent !== '' && <span className={styles.note}> · {visit.agent}</span>}
      </Table.Td>
      <Table.Td>{seconds(visit.talk_s)}</Table.Td>
      <Table.Td>{format.integer(visit.offers)}</Table.Td>
      <Table.Td>{format.integer(visit.missed)}</Table.Td>
    </Table.Tr>
  );
}

/** Most calls go through no voice server; then there is nothing to say. */
export function CallStays({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (call.voice_server_stays.length === 0) return null;
  return (
    <section className={styles.block}>
      <h2>{t('call.stays')}</h2>
      <div className={styles.scroller}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('call.stays')}</Table.Th>
              <Table.Th>{t('call.entered')}</Table.Th>
              <Table.Th>{t('call.left')}</Table.Th>
              <Table.Th>{t('call.inputs')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {call.voice_server_stays.map((stay) => (
              <Table.Tr key={`${stay.name} ${stay.entered_at}`}>
                <Table.Td>{stay.name}</Table.Td>
                <Table.Td>{format.time(Date.parse(stay.entered_at))}</Table.Td>
                <Table.Td>
                  {stay.left_at === null ? '–' : format.time(Date.parse(stay.left_at))}
                </Table.Td>
                <Table.Td>{stay.inputs || '–'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
