import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail } from '../../api/types';
import { useFormat } from '../../format/use-format';
import styles from './Calls.module.css';

export function CallFacts({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const fromLog = call.timeline[0]?.detail.recovered === 1;
  const moment = (at: string) => (
    <time dateTime={at} title={at}>
      {format.timeExact(Date.parse(at))}
    </time>
  );
  const handled =
    call.handled_at === null || call.handled_by === null ? (
      t('call.notHandled')
    ) : (
      <>
        {moment(call.handled_at)} {t(`call.handledBy.${call.handled_by}`, { agent: call.agent })}
      </>
    );
  return (
    <section className={styles.block}>
      <h2>{t('call.facts')}</h2>
      <dl className={styles.facts}>
        <Row label={t('call.caller')}>
          {call.caller || t('caller.unknownNumber')}{' '}
          {call.caller_name !== call.caller && call.caller_name}
        </Row>
        <Row label={t('call.arrived')}>{format.dateTime(Date.parse(call.arrived_at))}</Row>
        <Row label={t('call.wait')}>{call.wait_s === null ? '–' : format.seconds(call.wait_s)}</Row>
        <Row label={t('call.deadline')}>
          {call.deadline_at === null ? '–' : moment(call.deadline_at)}
        </Row>
        <Row label={t('call.handled')}>{handled}</Row>
        <Row label={t('call.ended')}>
          {call.ended_at === null ? t('call.stillLive') : moment(call.ended_at)}
        </Row>
        <Row label={t('call.observed')}>
          {t(fromLog ? 'call.fromLog' : `call.${call.observed}`)}
        </Row>
        <Row label={t('call.policy')}>{format.integer(call.policy_version)}</Row>
        <Row label={t('call.pbx')}>{call.pbx}</Row>
        <Row label={t('call.uniqueid')}>{call.uniqueid}</Row>
        {call.linkedid !== call.uniqueid && call.linkedid !== '' && (
          <Row label={t('call.linkedid')}>{call.linkedid}</Row>
        )}
      </dl>
    </section>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
