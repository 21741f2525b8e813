import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { queueCalls, queueCallsKey } from '../../api/live-actions';
import type { Call, LiveQueue } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { useErrorText } from '../../shell/Notice';
import { VerdictMark } from '../../ui/marks';
import { useCallReason } from '../../ui/reason';
import panel from '../live/Panel.module.css';
import { callPath } from '../paths';
import styles from './QueuePage.module.css';

const REFRESH_MS = 20_000;

interface Props {
  readonly queue: LiveQueue;
  readonly ended: readonly Call[];
}

/** The queue's last calls, each with its verdict and why. */
export function LastCalls({ queue, ended }: Props) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const format = useFormat();
  const reason = useCallReason();
  // A call of this queue that ends is news for the list.
  const newest = ended.find(
    (call) => call.pbx === queue.pbx && call.visits.some((visit) => visit.queue === queue.name),
  );
  const calls = useQuery({
    queryKey: [...queueCallsKey(queue.pbx, queue.name), newest?.id ?? ''],
    queryFn: () => queueCalls(queue.pbx, queue.name),
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
  });
  const items = calls.data?.items ?? [];
  const query = new URLSearchParams({ pbx: queue.pbx, queue: queue.name });
  return (
    <section className={panel.panel} aria-labelledby="last-calls">
      <div className={styles.titleRow}>
        <h2 id="last-calls" className={panel.title}>
          {t('queuePage.lastCalls')}
        </h2>
        <Link to={`/calls?${query}`}>{t('queuePage.allCalls')}</Link>
      </div>
      {calls.isError && (
        <p className={panel.none}>
          {t('queuePage.loadFailed')} {errorText(calls.error)}
        </p>
      )}
      {calls.isSuccess && items.length === 0 && (
        <p className={panel.none}>{t('queuePage.noCalls')}</p>
      )}
      {items.length > 0 && (
        <table className={styles.calls}>
          <thead>
            <tr>
              <th scope="col">{t('queuePage.time')}</th>
              <th scope="col">{t('queuePage.caller')}</th>
              <th scope="col">{t('queuePage.verdict')}</th>
              <th scope="col" className={styles.number}>
                {t('queuePage.wait')}
              </th>
              <th scope="col">{t('queuePage.agent')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((call) => (
              <tr key={call.id} data-verdict={call.verdict}>
                <td>
                  <Link to={callPath(call.id)}>{format.time(Date.parse(call.arrived_at))}</Link>
                </td>
                <td>{call.caller || t('caller.unknownNumber')}</td>
                <td title={reason(call)}>
                  <VerdictMark verdict={call.verdict} /> {t(`verdict.${call.verdict}`)}
                </td>
                <td className={styles.number}>
                  {call.wait_s === null ? '–' : span(call.wait_s * 1000)}
                </td>
                <td>{call.agent || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
